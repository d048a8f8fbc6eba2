import { test, vi, type TestContext } from 'vitest'
import { freePort } from '../processes/free-port.ts'
import { pause } from '../processes/pause.ts'
import { act } from './append.ts'
import { ChildRig } from './child.ts'
import { live, patience, vouchers } from './seen.ts'

vi.setConfig({ testTimeout: 150_000 })

/** What a stop may take (design: being operated), ms. */
const longest = 25_000
const approvals = 12

/** A hub whose target may take a minute, with eight calls at once. */
function patientRig(context: TestContext, environment = {}): Promise<ChildRig> {
  return ChildRig.for(context, {
    environment,
    edit(project) {
      project.replace('connections/kingdee-main.yaml', 'save:    { timeout: 2s', 'save:    { timeout: 60s')
      project.replace('connections/kingdee-main.yaml', 'operations:  ', 'limits: { concurrency: 8 }\noperations:  ')
    },
  })
}

/** From now on the target answers what it has done so many ms later. */
async function slowDown({ systems }: ChildRig, ms: number): Promise<void> {
  const rule = JSON.stringify({ on: 'voucher.save', fault: 'slow', ms })
  const answer = await fetch(`${systems.kingdee.url}/_sim/faults`, { method: 'POST', body: rule })
  if (!answer.ok) throw new Error(await answer.text())
}

async function speedUp({ systems }: ChildRig): Promise<void> {
  await fetch(`${systems.kingdee.url}/_sim/faults`, { method: 'DELETE' })
}

async function approve({ systems }: ChildRig): Promise<void> {
  for (let at = 0; at < approvals; at++)
    await act(systems.dingtalk.url, 'approved-payment', { seed: at + 1, department: '市场部' })
}

/** How many effects are being sent, and how many are in doubt. */
const open = (rig: ChildRig): [number, number] => {
  const { sending, inDoubt } = rig.data.glance()
  return [sending, inDoubt]
}

/** Every approval has its one voucher. */
async function isWhole(rig: ChildRig, { expect }: Pick<TestContext, 'expect'>): Promise<void> {
  await expect.poll(() => live(rig.systems).length, patience).toBe(approvals)
  await expect.poll(() => new Set(rig.runs()), patience).toEqual(new Set(['flow done']))
  expect(vouchers(rig.systems)).toHaveLength(approvals)
}

test.concurrent('SIGTERM under load ends within 25 s; what was sent is answered first, nothing is newly in doubt, all goes on', async (context) => {
  const { expect } = context
  const ops = await freePort()
  const rig = await patientRig(context, { SHUNIU_OPS_PORT: ops })
  await slowDown(rig, 12_000)
  await approve(rig)
  await expect.poll(() => open(rig)[0], patience).toBeGreaterThanOrEqual(3)
  const asked = Date.now()
  const ended = rig.hub.end('SIGTERM')
  const readiness = async (): Promise<string> => (await fetch(`http://127.0.0.1:${ops}/readyz?verbose`)).text()
  await expect.poll(readiness, { timeout: 2_000 }).toContain('[-]closing failed')
  expect((await fetch(`http://127.0.0.1:${ops}/livez`)).status).toBe(200)
  await ended
  expect(Date.now() - asked).toBeLessThan(longest)
  expect([rig.hub.code, open(rig)]).toEqual([0, [0, 0]])
  expect(vouchers(rig.systems).length).toBeGreaterThanOrEqual(3)
  await speedUp(rig)
  await rig.start()
  await isWhole(rig, context)
})

test.concurrent('calls that take longer than a stop may are in doubt at the next start, and it settles them', async (context) => {
  const { expect } = context
  const rig = await patientRig(context)
  await slowDown(rig, 45_000)
  await approve(rig)
  await expect.poll(() => open(rig)[0], patience).toBeGreaterThanOrEqual(3)
  const asked = Date.now()
  await rig.hub.end('SIGTERM')
  expect(Date.now() - asked).toBeLessThan(longest + 2_000)
  const [unanswered, doubts] = open(rig)
  expect([rig.hub.code, doubts]).toEqual([0, 0])
  expect(unanswered).toBeGreaterThanOrEqual(3)
  await speedUp(rig)
  await rig.start()
  await isWhole(rig, context)
})

test('a hub that is stopped again and again, right after each start, gets its work done once', async (context) => {
  const { expect } = context
  const rig = await patientRig(context)
  await approve(rig)
  for (const ms of [0, 50, 150, 300, 500]) {
    await rig.hub.end('SIGTERM')
    expect([rig.hub.code, open(rig)]).toEqual([0, [0, 0]])
    await rig.start()
    await pause(ms)
  }
  await isWhole(rig, context)
})
