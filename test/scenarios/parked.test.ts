import { describe, expect, test, vi } from 'vitest'
import { act, append, fault } from './append.ts'
import { api, parked } from './api.ts'
import { payment, withdrawal } from './events.ts'
import { rigFor, type Rig } from './rig.ts'
import { asked, dayOf, live, patience, receipts, runs, vouchers } from './seen.ts'

vi.setConfig({ testTimeout: 60_000 })

const ofDepartment = (number: number, id: string) => payment(number, { department: { id, name: `部门 ${id}` } })

describe('of an unmapped department', () => {
  test.concurrent('exactly the runs that wait for a row wake when it is set', async (context) => {
    const rig = await rigFor(context)
    await append(rig, ofDepartment(1, '777'), ofDepartment(2, '999'))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow parked unmapped', 'flow parked unmapped'])
    await api(rig, 'tables/department/set', { keys: ['999'], values: { kingdee: 'D02' }, actor: 'li' })
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow parked unmapped', 'flow done'])
    expect(live(rig)).toHaveLength(1)
    const { items } = await api<{ items: object[] }>(rig, 'audit')
    expect(items).toContainEqual(
      expect.objectContaining({ actor: 'li', action: 'tables set', target: 'department 999' }),
    )
  })

  test.concurrent('editing the file does the same', async (context) => {
    const rig = await rigFor(context)
    await append(rig, ofDepartment(1, '777'), ofDepartment(2, '999'))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow parked unmapped', 'flow parked unmapped'])
    rig.project.write('tables/department.csv', `${rig.project.read('tables/department.csv')}777,D03\n`)
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow parked unmapped'])
  })

  test.concurrent('a row that came while no hub ran counts as well', async (context) => {
    const rig = await rigFor(context)
    await append(rig, ofDepartment(1, '777'), ofDepartment(2, '999'))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow parked unmapped', 'flow parked unmapped'])
    await rig.hub.close()
    rig.project.write('tables/department.csv', `${rig.project.read('tables/department.csv')}777,D03\n`)
    await rig.restart()
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow parked unmapped'])
  })

  test.concurrent('a file that cannot be read leaves the last good table', async (context) => {
    const rig = await rigFor(context)
    rig.project.write('tables/department.csv', 'dingtalk,kingdee\n587120341,D01\n587120341,D09\n')
    await append(rig, payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
  })
})

describe('of a connection that does not work', () => {
  const permissions = (rig: Rig, ...missing: string[]): Promise<unknown> =>
    act(rig.dingtalk.url, 'set-permissions', { missing })

  test.concurrent('a receipt parks, and goes on when the check of the connection passes', async (context) => {
    const rig = await rigFor(context)
    await permissions(rig, 'Workflow.Instance.Read')
    await act(rig.dingtalk.url, 'approved-payment', { department: '市场部' })
    await context.expect.poll(() => receipts(rig), patience).toContain('parked connection')
    await rig.hub.parts.wakes.look(true)
    expect(await receipts(rig)).toContain('parked connection')
    await permissions(rig)
    const { findings } = await api<{ findings: { ok: boolean }[] }>(rig, 'connections/dingtalk-main/check', {})
    expect(findings.every(({ ok }) => ok)).toBe(true)
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
  })

  test.concurrent('a run parks with what has to be done, and goes on by itself', async (context) => {
    const rig = await rigFor(context)
    await fault(rig.kingdee.url, { on: '*', fault: 'token-expired', times: 1_000 })
    await append(rig, payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow parked connection'])
    await fetch(`${rig.kingdee.url}/_sim/faults`, { method: 'DELETE' })
    await rig.hub.parts.wakes.look(true)
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    expect(live(rig)).toHaveLength(1)
  })
})

/** The rest of a payment's year, month by month, as a person closes and reopens it. */
async function closeYear(rig: Rig): Promise<readonly string[]> {
  const [year, month] = new Date(payment(1).time.ms + 8 * 3_600_000).toISOString().split('-').map(Number)
  const months = Array.from({ length: 13 - (month ?? 1) }, (_, at) => String((month ?? 1) + at).padStart(2, '0'))
  const periods = months.map((one) => `${year}-${one}`)
  for (const period of periods) await act(rig.kingdee.url, 'close-period', { period })
  return periods
}

describe('of a closed period', () => {
  test.concurrent('a run parks before anything is sent, and goes on when a period of the year is open', async (context) => {
    const rig = await rigFor(context)
    const periods = await closeYear(rig)
    await append(rig, payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow parked period-closed'])
    await rig.hub.parts.wakes.look(true)
    expect(await runs(rig)).toEqual(['flow parked period-closed'])
    expect(await asked(rig.kingdee, 'voucher.save')).toEqual([])
    const last = periods.at(-1) ?? ''
    await act(rig.kingdee.url, 'open-period', { period: last })
    await rig.hub.parts.wakes.look(true)
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    expect(live(rig).map((voucher) => dayOf(voucher).slice(0, 7))).toEqual([last])
  })

  test.concurrent('a refusal is believed only after a read, and the voucher keeps its reference', async (context) => {
    const rig = await rigFor(context)
    await append(rig, payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    const [first = ''] = await closeYear(rig)
    await append(rig, payment(2))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow parked period-closed'])
    const { store, wakes } = rig.hub.parts
    const [refused] = await store.select('effects', { state: 'rejected' })
    await act(rig.kingdee.url, 'open-period', { period: first })
    await wakes.look(true)
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow done'])
    expect(vouchers(rig).map(({ reference }) => reference)[1]).toBe(refused?.reference)
  })
})

describe('somebody was in Kingdee before the withdrawal:', () => {
  async function posted(context: Parameters<typeof rigFor>[0]): Promise<Rig> {
    const rig = await rigFor(context)
    await append(rig, payment(1))
    await expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    return rig
  }
  const one = (rig: Rig) => ({ id: vouchers(rig)[0]?.id ?? '' })

  test.concurrent('a deleted voucher parks as deleted-in-target', async (context) => {
    const rig = await posted(context)
    await act(rig.kingdee.url, 'delete-voucher', one(rig))
    await append(rig, withdrawal(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'undo parked deleted-in-target'])
    expect(live(rig)).toEqual([])
  })

  test.concurrent('an edited one parks as conflict and shows the difference', async (context) => {
    const rig = await posted(context)
    await act(rig.kingdee.url, 'edit-voucher', { ...one(rig), amount: '160.50' })
    await append(rig, withdrawal(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'undo parked conflict'])
    const [item] = await parked(rig)
    expect(item?.message).toMatch(/was changed in Kingdee.*100(\.00)?.*110(\.00)?/)
    expect(live(rig)).toHaveLength(1)
  })
})
