import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { act, fault } from './append.ts'
import { ChildRig } from './zzchild.ts'
import { finished, post, sealed, verdict } from './push.ts'
import { live, patience, vouchers } from './seen.ts'
/** No file of the process may grow: what a full disk is to a database. `unlimited` gives the space back. */
function limitFiles(pid: number, size: 1 | 'unlimited'): void {
  execFileSync('prlimit', [`--pid=${pid}`, `--fsize=${size}:`])
}

test('a full disk: refused at the door, nothing acknowledged, and all of it goes on when there is space', {timeout:60000}, async (context) => {
  const rig = await ChildRig.for(context)
  const { dingtalk, kingdee } = rig.systems
  const approve = (seed: number) =>
    act<{ id: string; number: string }>(dingtalk.url, 'approved-payment', { seed, department: '市场部', push: false })
  // One is being saved while the disk fills up.
  await fault(kingdee.url, { on: 'voucher.save', fault: 'slow', ms: 1_500 })
  expect(await verdict(await post(rig.hub, sealed(finished(await approve(1)))))).toBe('200 success')
  await context.expect.poll(() => vouchers(rig.systems).length, patience).toBe(1)
  limitFiles(rig.hub.pid, 1)
  const push = sealed(finished(await approve(2)))
  const refused = await post(rig.hub, push)
  expect([refused.status, refused.headers.get('retry-after'), await refused.text()]).toEqual([
    503,
    expect.stringMatching(/^\d+$/),
    '',
  ])
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  console.log('GONE', rig.hub.isGone)
  expect(rig.receipts()).toHaveLength(1)
  expect((await fetch(`${rig.hub.url}/livez`)).status).toBe(200)
  limitFiles(rig.hub.pid, 'unlimited')
  await context.expect.poll(async () => verdict(await post(rig.hub, push)), patience).toBe('200 success')
  await context.expect.poll(() => rig.runs(), { ...patience, timeout: 30_000 }).toEqual(['flow done', 'flow done'])
  expect(live(rig.systems)).toHaveLength(2)
})
