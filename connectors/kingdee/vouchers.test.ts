import { isRecord } from '@shuniu/contracts'
import { writeJson } from '@shuniu/infra/json'
import { describe, expect, it } from 'vitest'
import connector from './connector.ts'
import { sampleOf } from './facts.ts'
import { modelOf } from './model.ts'
import { dayOf, money, objections, openKingdeeScene, payment, prepared, thisMonth, today } from './test-scene.ts'
import { written } from './test-site.ts'

describe('the body of a voucher', () => {
  it('is the one of the fact sheet, key by key', async () => {
    await using scene = await openKingdeeScene()
    const entries = payment().entries.map((entry, at) => ({
      ...entry,
      ...(at === 0 ? { project: 'PRJ2025-018' } : {}),
      ...(at === 2 ? { bankAccount: 'BANK-CMB-6688' } : {}),
    }))
    const input = payment({ date: dayOf('2025-11-18'), attachments: money('2'), entries })
    const got = await prepared(scene, 'voucher.save', input)
    const model: object = JSON.parse(writeJson(got.is === 'body' ? modelOf(got.body) : {}))
    const sample = JSON.stringify(sampleOf('06-voucher-save-ok.json')[0]?.request.body)
    const expected = JSON.parse(
      sample
        .replaceAll(/,"FBUSNO":"[^"]*"/g, '')
        .replaceAll('DT-PAY-20251118000731:L1', 'SN00000000000000000000000PRE'),
    )
    expect(JSON.stringify(model)).toBe(JSON.stringify(expected.data.Model))
  })

  it('carries the word’s name and number, whichever the flow wrote', async () => {
    await using scene = await openKingdeeScene()
    for (const word of ['记', 'PRE001']) {
      const got = await prepared(scene, 'voucher.save', payment({ word }))
      expect(
        got.is === 'body' && isRecord(got.body) ? [got.body['word'], modelOf(got.body)['FVOUCHERGROUPID']] : [],
      ).toEqual(['记', { FNumber: 'PRE001' }])
    }
  })

  it('leaves out lines with both sides zero', async () => {
    await using scene = await openKingdeeScene()
    const zero = { summary: '运费', account: '6602.04', department: 'D03', debit: money('0'), credit: money('0.00') }
    const { output } = await scene.hub.perform('voucher.save', payment({ entries: [zero, ...payment().entries] }))
    const [entry] = (await scene.stand.book()).filter((one) => one.id === output['id'])
    expect(Object(entry?.body).FEntity).toHaveLength(3)
  })

  it('a foreign line needs a rate and an amount that give the amount in yuan', async () => {
    await using scene = await openKingdeeScene()
    const [first, , bank] = payment().entries
    const line = (more: object) =>
      payment({
        entries: [
          { ...first, debit: money('715.23'), currency: 'USD', ...more },
          { ...bank, credit: money('715.23') },
        ],
      })
    expect(await objections(scene, line({}))).toEqual(['invalid entries[0].currency'])
    expect(await objections(scene, line({ rate: money('7.1523'), original: money('101') }))).toEqual([
      'check-failed entries[0].currency',
    ])
    expect(await objections(scene, line({ rate: money('7.1523'), original: money('100') }))).toEqual([])
  })
})

describe('a line in yuan', () => {
  const line = (more: object) =>
    payment({ entries: payment().entries.map((one, at) => (at === 0 ? { ...one, ...more } : one)) })

  it('that has the amount or the rate of another currency is refused', async () => {
    await using scene = await openKingdeeScene()
    expect(await objections(scene, line({ original: money('50'), rate: money('7') }))).toEqual([
      'check-failed entries[0].original',
      'check-failed entries[0].rate',
    ])
    expect(await objections(scene, line({ original: money('1000.00'), rate: money('1.0') }))).toEqual([])
  })
})

describe('checks before sending', () => {
  const entries = payment().entries
  const without = (at: number, change: object) =>
    payment({ entries: entries.map((one, nth) => (nth === at ? { ...one, ...change } : one)) })

  it.each([
    ['a good voucher', payment(), []],
    ['one fen too much', without(0, { debit: money('1000.01') }), ['check-failed entries']],
    [
      'a tenth of a fen',
      without(0, { debit: money('1000.001') }),
      ['check-failed entries[0].debit', 'check-failed entries'],
    ],
    ['both sides on a line', without(0, { credit: money('1') }), ['check-failed entries[0]', 'check-failed entries']],
    ['nothing but zeros', payment({ entries: [{ summary: 'x', account: '1002.01' }] }), ['check-failed entries']],
    ['a blank summary', without(1, { summary: '  ' }), ['invalid entries[1].summary']],
    ['an account nobody has', without(0, { account: '6602.99' }), ['invalid entries[0].account']],
    ['a parent account', without(0, { account: '6602' }), ['invalid entries[0].account']],
    ['a missing dimension', without(0, { department: null }), ['invalid entries[0]']],
    ['a superfluous dimension', without(1, { department: 'D03' }), ['invalid entries[1].department']],
    ['a dimension nobody named', without(0, { dimensions: { store: 'X1' } }), ['invalid entries[0].store']],
    ['a record that does not exist', without(0, { department: 'D99' }), ['invalid entries[0].department']],
    ['a record that is disabled', without(0, { department: 'D06' }), ['invalid entries[0].department']],
    ['another book', payment({ book: '002' }), ['invalid book']],
    ['another word', payment({ word: '银' }), ['invalid word']],
    ['a closed period', payment({ date: dayOf(`${Number(thisMonth.slice(0, 4)) - 1}-12-31`) }), ['period-closed date']],
  ])('%s', async (_, input, expected) => {
    await using scene = await openKingdeeScene()
    expect(await objections(scene, input)).toEqual(expected)
  })

  it('amounts of 10,000 lines add up exactly', async () => {
    await using scene = await openKingdeeScene()
    const many = Array.from({ length: 10_000 }, () => ({ ...entries[1], debit: money('0.1') }))
    const credit = { ...entries[2], credit: money('1000') }
    expect(await objections(scene, payment({ entries: [...many, credit] }))).toEqual([])
  })

  it('a locked account is refused, and counts again as soon as it is unlocked', async () => {
    await using scene = await openKingdeeScene()
    await scene.stand.act('lock-account', { account: '6602.03' })
    expect(await objections(scene, payment())).toEqual(['invalid entries[0].account'])
    await scene.stand.act('unlock-account', { account: '6602.03' })
    expect(await objections(scene, payment())).toEqual([])
  })

  it('base data is read once for many vouchers', async () => {
    await using scene = await openKingdeeScene()
    await Promise.all([objections(scene, payment()), objections(scene, payment())])
    const before = await scene.stand.counts()
    await objections(scene, payment())
    expect(await scene.stand.counts()).toEqual(before)
  })

  it('a period query that does not fit this tenant stops nothing; Kingdee itself decides', async () => {
    const periodQuery = { form: 'BD_NOSUCHFORM', filter: '', fields: { year: 'FYEAR', period: 'FPERIOD' } }
    await using scene = await openKingdeeScene({ periodQuery })
    expect(await objections(scene, payment())).toEqual([])
  })
})

describe('looking vouchers up', () => {
  it('without a header field the reference stands on every entry and ends every summary', async () => {
    await using scene = await openKingdeeScene({ referenceField: 'FBUSNO' })
    const ready = await scene.hub.prepare('voucher.save', payment())
    await scene.hub.send(ready)
    const { found, proven } = await scene.hub.find(ready)
    expect([found.length, proven]).toEqual([1, true])
    const [entry] = (await scene.stand.book()).filter((one) => one.id === found[0]?.id)
    expect(entry?.reference).toBeUndefined()
    for (const line of Object(entry?.body).FEntity) {
      expect(line).toMatchObject({ FBUSNO: ready.reference })
      expect(line.FEXPLANATION).toBe(`报销 李若溪 11月办公用品 审批20251118000731 ${ready.reference}`)
    }
  })

  it.each([
    ['F_HUB_SourceId', 'FBUSNO'],
    ['FBUSNO', 'F_HUB_SourceId'],
  ])('asks the field that carried the reference (%s), though the setting says %s by now', async (sent, now) => {
    await using scene = await openKingdeeScene({ referenceField: sent })
    const ready = await scene.hub.prepare('voucher.save', payment())
    await scene.hub.send(ready)
    const { find, fingerprint, fingerprintFound } = scene.hub.operation('voucher.save')
    const settings = connector.settings.parse({ ...written(scene.stand.url), referenceField: now })
    const seen = await find?.(connector.open(settings, scene.hub.ground), ready.reference, ready.body, undefined)
    expect(seen?.found.map((one) => fingerprintFound?.(one))).toEqual([fingerprint(ready.body)])
  })

  it('a user without rights sees nothing, and that proves nothing', async () => {
    await using scene = await openKingdeeScene({ userName: 'hub_blind' })
    const operation = scene.hub.operation('voucher.save')
    const got = await prepared(scene, 'voucher.save', payment())
    const body = got.is === 'body' ? got.body : {}
    expect(await operation.find?.(scene.hub.link, 'SN0', body, undefined)).toEqual({ found: [], proven: false })
    expect(await operation.find?.(scene.hub.link, 'SN0', body, '100000')).toEqual({ found: [], proven: false })
  })

  it('a known voucher that somebody deleted is no witness; another one is', async () => {
    await using scene = await openKingdeeScene()
    const { output } = await scene.hub.perform('voucher.save', payment())
    await scene.stand.act('delete-voucher', { id: output['id'] })
    const ready = await scene.hub.prepare('voucher.save', payment())
    expect(await scene.hub.find(ready, String(output['id']))).toEqual({ found: [], proven: true })
  })

  it('a reference with a quote cannot break out of the question', async () => {
    await using scene = await openKingdeeScene()
    const got = await prepared(scene, 'voucher.save', payment())
    const find = scene.hub.operation('voucher.save').find
    const seen = await find?.(
      scene.hub.link,
      "x' or FVOUCHERID>0 or F_HUB_SourceId='",
      got.is === 'body' ? got.body : {},
      undefined,
    )
    expect(seen).toEqual({ found: [], proven: true })
  })

  it('a voucher changed by a person is found and not equal', async () => {
    await using scene = await openKingdeeScene()
    const ready = await scene.hub.prepare('voucher.save', payment())
    const { id } = Object(await scene.hub.send(ready))
    await scene.stand.act('edit-voucher', { id, amount: '1061' })
    const { found } = await scene.hub.find(ready)
    const { fingerprint, fingerprintFound } = scene.hub.operation('voucher.save')
    expect(found).toHaveLength(1)
    expect(found.map((one) => fingerprintFound?.(one))).not.toContain(fingerprint(ready.body))
  })

  it('a person names a voucher by id or by month, word and number', async () => {
    await using scene = await openKingdeeScene()
    const { output } = await scene.hub.perform('voucher.save', payment())
    const read = (text: string) => scene.hub.operation('voucher.save').readById?.(scene.hub.link, text)
    const [year, month] = today.split('-')
    const names = [
      String(output['id']),
      `${year}年${Number(month)}月${output['number']}`,
      `${thisMonth} ${output['number']}`,
    ]
    for (const name of names)
      expect(await read(name), name).toMatchObject({ id: output['id'], number: output['number'] })
    expect(await read('记-1')).toBeUndefined()
    expect(await read(`${thisMonth} 记-999`)).toBeUndefined()
  })
})
