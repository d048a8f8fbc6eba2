import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { act, append, fault } from './append.ts'
import { api } from './api.ts'
import { ChildRig } from './child.ts'
import { payment } from './events.ts'
import { finished, post, sealed, verdict } from './push.ts'
import { rigFor, startOn } from './rig.ts'
import { asked, effects, live, patience, runs, vouchers } from './seen.ts'

vi.setConfig({ testTimeout: 90_000 })

test.concurrent('a second hub on the same data is refused at once, and the first goes on', async (context) => {
  const rig = await rigFor(context)
  const began = Date.now()
  await expect(startOn(rig)).rejects.toMatchObject({ code: 'store.owned' })
  expect(Date.now() - began).toBeLessThan(2_000)
  await append(rig, payment(1))
  await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
})

test.concurrent('a hub that does not start leaves its data to the next one', async (context) => {
  const rig = await rigFor(context)
  await rig.hub.close()
  rig.project.replace('flows/payment-to-voucher.yaml', 'event.amount', 'event.amuont')
  await expect(startOn(rig)).rejects.toMatchObject({ code: 'project.invalid' })
  rig.project.replace('flows/payment-to-voucher.yaml', 'event.amuont', 'event.amount')
  await rig.restart()
  await append(rig, payment(1))
  await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
})

describe('a copy made while the hub ran', () => {
  test.concurrent('sends nothing before its absence was shown, until a person closes resync', async (context) => {
    const rig = await rigFor(context)
    await append(rig, payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    const restored = join(rig.folder, 'restored')
    mkdirSync(restored)
    const copy = { file: join(restored, 'shuniu.db'), actor: 'wang' }
    expect(await api(rig, 'backup', copy)).toMatchObject({ file: copy.file, bytes: expect.any(Number) })
    // The copy does not know of this voucher.
    await append(rig, payment(2))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow done'])
    await rig.restart(restored)
    const began = Date.now()
    expect(await api(rig, 'status')).toMatchObject({ resync: true })
    const before = (await asked(rig.kingdee, 'voucher.save')).length
    await append(rig, payment(2), payment(3))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow done', 'flow done'])
    expect(live(rig)).toHaveLength(3)
    const sent = (await asked(rig.kingdee, 'voucher.save')).slice(before)
    expect(sent).toHaveLength(1)
    expect(sent[0]?.arrivedMs).toBeGreaterThan(began + 8_000)
    const closed = await api(rig, 'resync/close', { actor: 'wang', reason: 'compared with Kingdee' })
    expect(closed).toEqual({ resync: false })
    await append(rig, payment(4))
    await context.expect.poll(() => runs(rig), { ...patience, timeout: 5_000 }).toHaveLength(4)
    await context.expect.poll(() => effects(rig), patience).toEqual(Array(4).fill('confirmed'))
    await rig.restart(restored)
    expect(await api(rig, 'status')).toMatchObject({ resync: false })
  })
})

test.concurrent('a new data folder for an old project posts nothing that stands in the target already', async (context) => {
  const rig = await rigFor(context)
  await append(rig, payment(1), payment(2))
  await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow done'])
  const fresh = join(rig.folder, 'fresh')
  mkdirSync(fresh)
  await rig.restart(fresh)
  await append(rig, payment(1), payment(2), payment(3))
  await context.expect.poll(() => runs(rig), patience).toEqual(Array(3).fill('flow done'))
  expect(live(rig)).toHaveLength(3)
  expect(await api(rig, 'status')).toMatchObject({ resync: true })
})

/** No file of the process may grow: what a full disk is to a database. `unlimited` gives the space back. */
function limitFiles({ hub }: ChildRig, size: 1 | 'unlimited'): void {
  execFileSync('prlimit', [`--pid=${hub.pid}`, `--fsize=${size}:`])
}

describe('a full disk', () => {
  // Its log lies on another disk.
  const start = (context: Parameters<typeof ChildRig.for>[0]): Promise<ChildRig> =>
    ChildRig.for(context, { log: '/dev/null' })
  const pushOf = async ({ systems }: ChildRig, seed: number) => {
    const wish = { seed, department: '市场部', push: false }
    return sealed(finished(await act<{ id: string; number: string }>(systems.dingtalk.url, 'approved-payment', wish)))
  }

  test.concurrent('is said at the door, nothing is acknowledged, and it goes on by itself', async (context) => {
    const rig = await start(context)
    const push = await pushOf(rig, 1)
    limitFiles(rig, 1)
    const refused = await post(rig.hub, push)
    expect([refused.status, await refused.text()]).toEqual([503, ''])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(rig.receipts()).toEqual([])
    expect((await fetch(`${rig.hub.url}/livez`)).status).toBe(200)
    limitFiles(rig, 'unlimited')
    expect(await verdict(await post(rig.hub, push))).toBe('200 success')
    await context.expect.poll(() => rig.runs(), patience).toEqual(['flow done'])
  })

  test.concurrent('while a voucher is being saved: the answer is noted when there is space again', async (context) => {
    const rig = await start(context)
    await fault(rig.systems.kingdee.url, { on: 'voucher.save', fault: 'slow', ms: 1_500 })
    expect(await verdict(await post(rig.hub, await pushOf(rig, 1)))).toBe('200 success')
    await context.expect.poll(() => vouchers(rig.systems).length, patience).toBe(1)
    limitFiles(rig, 1)
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    limitFiles(rig, 'unlimited')
    await context.expect.poll(() => rig.runs(), { ...patience, timeout: 20_000 }).toEqual(['flow done'])
    expect(live(rig.systems)).toHaveLength(1)
  })
})
