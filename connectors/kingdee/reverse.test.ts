import { describe, expect, it } from 'vitest'
import { contentOf } from './voucher-methods.ts'
import { dayOf, money, openKingdeeScene, payment, prepared, thisMonth, today, type TestScene } from './test-scene.ts'

const save = ({ hub }: TestScene, change = {}) => hub.perform('voucher.save', payment(change))
const reverse = async (scene: TestScene, undone: Awaited<ReturnType<typeof save>>) => {
  const ready = await scene.hub.prepare('voucher.reverse', {}, undone)
  return { ready, output: Object(await scene.hub.send(ready)) }
}

describe('reversing a voucher', () => {
  it('negates every line on its own side, names the original and keeps the approval number', async () => {
    await using scene = await openKingdeeScene()
    const undone = await save(scene)
    const { ready } = await reverse(scene, undone)
    const { date, lines } = contentOf(ready.body)
    const amounts = lines.map(({ debit, credit }) => [debit.toString(), credit.toString()])
    expect(amounts).toEqual([
      ['-1000', '0'],
      ['-60', '0'],
      ['0', '-1060'],
    ])
    const [year, month] = today.split('-')
    const name = `冲销 ${year}年${Number(month)}月${undone.output['number']} 报销 李若溪 11月办公用品 审批20251118000731`
    expect(lines.map((line) => line.summary)).toEqual([name, name, name])
    expect(date).toBe(today)
  })

  it('leaves every account and dimension at zero', async () => {
    await using scene = await openKingdeeScene()
    await reverse(scene, await save(scene))
    const totals = new Map<string, number>()
    for (const { body } of (await scene.stand.book()).slice(1))
      for (const { FACCOUNTID, FDetailID, FDEBIT, FCREDIT } of Object(body).FEntity) {
        const place = FACCOUNTID + JSON.stringify(FDetailID)
        totals.set(place, (totals.get(place) ?? 0) + Number(FDEBIT) - Number(FCREDIT))
      }
    expect([...totals.values()]).toEqual([0, 0, 0])
  })

  it('reads the voucher of the undone step, or the one that is named', async () => {
    await using scene = await openKingdeeScene()
    const { output } = await save(scene)
    expect(await prepared(scene, 'voucher.reverse', { id: output['id'] })).toMatchObject({ is: 'body' })
  })

  it('a voucher that is gone parks, and nothing is sent', async () => {
    await using scene = await openKingdeeScene()
    const undone = await save(scene)
    await scene.stand.act('delete-voucher', { id: undone.output['id'] })
    const got = await prepared(scene, 'voucher.reverse', {}, { undone })
    expect(got).toMatchObject({ is: 'park', finding: { reason: 'deleted-in-target' } })
  })

  it('a voucher that was changed parks with the difference', async () => {
    await using scene = await openKingdeeScene()
    const undone = await save(scene)
    await scene.stand.act('edit-voucher', { id: undone.output['id'], amount: '1061' })
    const got = await prepared(scene, 'voucher.reverse', {}, { undone })
    expect(got).toMatchObject({ is: 'park', finding: { reason: 'conflict' } })
    expect(got.is === 'park' ? got.finding.message.zh : '').toContain('"1001"')
  })

  it('a reversal of ours that is there already is done, not made again', async () => {
    await using scene = await openKingdeeScene()
    const undone = await save(scene)
    const { output } = await reverse(scene, undone)
    expect(await prepared(scene, 'voucher.reverse', {}, { undone })).toMatchObject({
      is: 'done',
      output: { id: output.id },
    })
  })

  it('a reversal somebody made by hand is done when its lines fit, and a conflict when they do not', async () => {
    await using scene = await openKingdeeScene()
    const [year, month] = today.split('-')
    const [right, wrong] = [await save(scene), await save(scene)]
    const byHand = async (number: unknown, amount: string) => {
      const entries = payment().entries.map((entry) => ({
        ...entry,
        summary: `冲销${year}年${Number(month)}月${String(number)}号凭证`,
        ...(entry.debit ? { debit: entry.debit.times(amount) } : {}),
        ...(entry.credit ? { credit: entry.credit.times(amount) } : {}),
      }))
      return scene.hub.perform('voucher.save', payment({ entries }))
    }
    const fitting = await byHand(right.output['number'], '-1')
    await byHand(wrong.output['number'], '-2')
    expect(await prepared(scene, 'voucher.reverse', {}, { undone: right })).toMatchObject({
      is: 'done',
      output: { id: fitting.output['id'] },
    })
    const got = await prepared(scene, 'voucher.reverse', {}, { undone: wrong })
    expect(got).toMatchObject({ is: 'park', finding: { reason: 'conflict' } })
  })

  it('记-2 is not mistaken for 记-20', async () => {
    await using scene = await openKingdeeScene()
    const undone = await save(scene)
    const [year, month] = today.split('-')
    const summary = `冲销 ${year}年${Number(month)}月${undone.output['number']}0 其他`
    await save(scene, { entries: payment().entries.map((entry) => ({ ...entry, summary })) })
    expect(await prepared(scene, 'voucher.reverse', {}, { undone })).toMatchObject({ is: 'body' })
  })

  it.each([
    ['03', '03-15', '04-01'],
    ['12', '12-02', undefined],
  ])('with period %s closed, a reversal from %s on is dated %s', async (closed, from, expected) => {
    await using scene = await openKingdeeScene()
    const year = thisMonth.slice(0, 4)
    const [month, day] = [Number(closed) === Number(thisMonth.slice(5)) ? '01' : thisMonth.slice(5), '01']
    await scene.stand.act('close-period', { period: `${year}-${closed}` })
    const undone = await save(scene, { date: dayOf(`${year}-${month}-${day}`) })
    const got = await prepared(scene, 'voucher.reverse', {}, { undone, today: `${year}-${from}` })
    if (expected === undefined) expect(got).toMatchObject({ is: 'park', finding: { reason: 'period-closed' } })
    else expect(got.is === 'body' ? contentOf(got.body).date : got).toBe(`${year}-${expected}`)
  })

  it('an answer that shows nothing at all is no proof that the voucher is gone', async () => {
    await using scene = await openKingdeeScene()
    const undone = await save(scene)
    await using blind = await openKingdeeScene({ userName: 'hub_blind' })
    const failure = { failureClass: 'fatal', code: 'kingdee.nothing-visible' }
    await expect(prepared(blind, 'voucher.reverse', {}, { undone })).rejects.toMatchObject(failure)
  })

  it('goes without the old reference when summaries carry it', async () => {
    await using scene = await openKingdeeScene({ referenceField: 'FBUSNO' })
    const undone = await save(scene, { date: dayOf(today), attachments: money('1') })
    const { ready } = await reverse(scene, undone)
    for (const { summary } of contentOf(ready.body).lines) {
      expect(summary).not.toContain(undone.reference)
      expect(summary.endsWith(ready.reference)).toBe(true)
    }
  })
})
