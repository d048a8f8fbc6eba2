import { Instant, type HubEvent } from '@shuniu/contracts'
import { expect, test } from 'vitest'
import { api, parked } from './api.ts'
import { act, append } from './append.ts'
import { payment } from './events.ts'
import { rigFor } from './rig.ts'
import { dayOf, live, patience, runs, summaries } from './seen.ts'

const year = new Date().getUTCFullYear()

/** A payment that was approved on 15 January of this year. */
function inJanuary(number: number): HubEvent {
  const time = new Instant(Date.UTC(year, 0, 15, 2) + number)
  return { ...payment(number, { approvedAt: time }), time }
}

interface Story {
  readonly story: readonly { readonly what: string; readonly text: string }[]
}
interface Compared {
  readonly approvals: number
  readonly findings: readonly object[]
}

test(
  'a month that is closed after it was read: told before, said in the summary, traced, and found by reconcile',
  {
    timeout: 60_000,
  },
  async (context) => {
    const rig = await rigFor(context)
    await append(rig, inJanuary(1))
    await expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    await act(rig.kingdee.url, 'close-period', { period: `${year}-01` })
    await append(rig, inJanuary(2))
    await expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow parked period-closed'])
    const [item] = await parked(rig)
    expect(item).toMatchObject({ next: expect.stringContaining('Retry asks for an open day again') })

    await api(rig, `parked/run/${item?.id}/retry`, { reason: 'February it is', actor: 'lin' })
    await expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow done'])
    const [first, moved] = live(rig)
    expect(first && [dayOf(first), summaries(first).some((one) => one.includes('原日期'))]).toEqual([
      `${year}-01-15`,
      false,
    ])
    expect(moved && dayOf(moved)).toBe(`${year}-02-01`)
    expect(moved && summaries(moved).filter((one) => !one.includes(`原日期 ${year}-01-15`))).toEqual([])

    const number = String(inJanuary(2).subject)
    const { story } = await api<Story>(rig, `trace/${number}?lang=en`)
    expect(story.find(({ what }) => what === 'failed')?.text).toContain(
      `nothing was saved (it said ${year}-01-15, 150.5`,
    )
    const compared = await api<Compared>(rig, `reconcile?period=${year}-01&lang=en`)
    const expected = { kind: 'period-differs', number, expected: `${year}-01-15`, found: `${year}-02-01` }
    expect(compared).toMatchObject({ approvals: 2, findings: [expected] })
  },
)
