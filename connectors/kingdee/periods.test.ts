import { describe, expect, it } from 'vitest'
import { openDayOf, periods } from './periods.ts'
import { newSession, openSite, say } from './test-site.ts'
import { dayOf, openKingdeeScene } from './test-scene.ts'

const open = (...months: number[]) => ({
  isOpen: (year: number, month: number) => year === 2026 && months.includes(month),
})

describe('periods', () => {
  it.each([
    ['2026-03-15', [3, 4], '2026-03-15'],
    ['2026-03-15', [4, 5], '2026-04-01'],
    ['2026-03-31', [12], '2026-12-01'],
    ['2026-03-15', [1, 2], undefined],
    ['2026-12-31', [1], undefined],
  ])('from %s with months %j open, the day is %s', (from, months, expected) => {
    expect(openDayOf(open(...months), dayOf(from))?.day.text).toBe(expected)
  })

  it('the answer says what it rests on', () => {
    expect(openDayOf(open(5), dayOf('2026-03-15'))?.version).toBe('2026-03 closed, 2026-04 closed, 2026-05 open')
  })

  it('a look-up may be ten minutes old, but a refusal is judged by what is true now', async () => {
    await using scene = await openKingdeeScene({}, { 'open-from': '2026-01' })
    const { link } = scene.hub
    expect((await periods.openDay(link, '001', dayOf('2026-03-15')))?.day.text).toBe('2026-03-15')
    await scene.stand.act('close-period', { period: '2026-03' })
    expect((await periods.openDay(link, '001', dayOf('2026-03-15')))?.day.text).toBe('2026-03-15')
    expect(await periods.isOpen(link, '001', dayOf('2026-03-15'))).toBe(false)
    expect((await periods.openDay(link, '001', dayOf('2026-03-15')))?.day.text).toBe('2026-04-01')
  })

  it('what was read is known without asking, until it is old', async () => {
    await using scene = await openKingdeeScene({}, { 'open-from': '2026-01' })
    const { link } = scene.hub
    expect(periods.knownDay?.(link, '001', dayOf('2026-03-15'))).toBeUndefined()
    const asked = await periods.openDay(link, '001', dayOf('2026-03-15'))
    expect(periods.knownDay?.(link, '001', dayOf('2026-03-15'))).toEqual(asked)
    expect(periods.knownDay?.(link, '002', dayOf('2026-03-15'))).toBeUndefined()
  })

  it('a query without a "closed" field names the first open period', async () => {
    const periodQuery = {
      form: 'BD_AccountBook',
      filter: "FNumber='{book}'",
      fields: { year: 'FYEAR', period: 'FPERIOD' },
    }
    await using site = await openSite(
      (_, response, nth) =>
        say(response, nth === 1 ? [['CNY']] : [[2026, 4]], nth === 1 ? { headers: newSession('s') } : {}),
      { periodQuery },
    )
    expect(await periods.isOpen(site.link, "00'1", dayOf('2026-03-31'))).toBe(false)
    expect(await periods.isOpen(site.link, "00'1", dayOf('2026-04-01'))).toBe(true)
    expect(JSON.parse(site.asked[1]?.body ?? '').data.FilterString).toBe("FNumber='00''1'")
  })
})
