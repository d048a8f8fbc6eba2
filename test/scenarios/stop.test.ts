import { expect, test, vi } from 'vitest'
import { pause } from '../processes/pause.ts'
import { act } from './append.ts'
import { ChildRig } from './child.ts'
import { live, patience, vouchers } from './seen.ts'

vi.setConfig({ testTimeout: 120_000 })

/** What the target takes for an answer, ms. */
const slow = 12_000
/** What a stop may take (design: being operated), ms. */
const longest = 25_000
const approvals = 12

const stateOf = (rig: ChildRig, state: string): number =>
  rig.data.rows(`SELECT id FROM effects WHERE state = '${state}'`).length

test('SIGTERM under load ends within 25 s; what was sent is answered first, nothing is newly in doubt, all goes on', async (context) => {
  const rig = await ChildRig.for(context, {
    edit(project) {
      project.replace('connections/kingdee-main.yaml', 'save:    { timeout: 2s', 'save:    { timeout: 20s')
      project.replace('connections/kingdee-main.yaml', 'operations:  ', 'limits: { concurrency: 8 }\noperations:  ')
    },
  })
  const { kingdee, dingtalk } = rig.systems
  const rule = JSON.stringify({ on: 'voucher.save', fault: 'slow', ms: slow })
  expect((await fetch(`${kingdee.url}/_sim/faults`, { method: 'POST', body: rule })).ok).toBe(true)
  for (let at = 0; at < approvals; at++)
    await act(dingtalk.url, 'approved-payment', { seed: at + 1, department: '市场部' })
  await expect.poll(() => stateOf(rig, 'sending'), patience).toBeGreaterThanOrEqual(3)
  const asked = Date.now()
  await rig.hub.end('SIGTERM')
  expect(Date.now() - asked).toBeLessThan(longest)
  expect([rig.hub.code, stateOf(rig, 'sending'), stateOf(rig, 'in doubt')]).toEqual([0, 0, 0])
  const saved = vouchers(rig.systems).length
  expect(saved).toBeGreaterThanOrEqual(3)
  await fetch(`${kingdee.url}/_sim/faults`, { method: 'DELETE' })
  await rig.start()
  await expect.poll(() => new Set(rig.runs()), patience).toEqual(new Set(['flow done']))
  await expect.poll(() => live(rig.systems).length, patience).toBe(approvals)
  expect(vouchers(rig.systems)).toHaveLength(approvals)
})

test('a hub that is stopped again and again, right after each start, gets its work done once', async (context) => {
  const rig = await ChildRig.for(context)
  for (let at = 0; at < approvals; at++) {
    await act(rig.systems.dingtalk.url, 'approved-payment', { seed: at + 1, department: '市场部' })
  }
  for (const ms of [0, 50, 150, 300, 500]) {
    await rig.hub.end('SIGTERM')
    expect([rig.hub.code, stateOf(rig, 'sending'), stateOf(rig, 'in doubt')]).toEqual([0, 0, 0])
    await rig.start()
    await pause(ms)
  }
  await expect.poll(() => live(rig.systems).length, patience).toBe(approvals)
  await expect.poll(() => new Set(rig.runs()), patience).toEqual(new Set(['flow done']))
  expect(vouchers(rig.systems)).toHaveLength(approvals)
})
