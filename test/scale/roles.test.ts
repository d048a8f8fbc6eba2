import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { missing, withoutBroker } from '@shuniu/infra/kafka/fixtures'
import { onPostgres } from '@shuniu/infra/postgres/fixtures'
import { pause } from '../processes/pause.ts'
import type { Program } from '../processes/program.ts'
import { live, vouchers } from '../scenarios/seen.ts'
import { ScaleRig } from './rig.ts'
import { Servers } from './servers.ts'

vi.setConfig({ testTimeout: 180_000 })

const { isMissing, suite } = onPostgres(`processes with roles of their own${withoutBroker}`)
const patience = { timeout: 120_000, interval: 200 }
const approvals = 60

describe.skipIf(isMissing || missing !== '')(suite, () => {
  let servers: Servers
  beforeAll(async () => void (servers = await Servers.start()), 300_000)
  afterAll(() => servers.stop())

  const partitionsOf = async ({ url }: Program): Promise<readonly number[]> => {
    const found = (await (await fetch(`${url}/readyz?verbose`)).json()) as { partitions: readonly number[] }
    return found.partitions
  }

  test('one takes in, two work, one of them is stopped and one killed: nothing is lost or doubled', async (context) => {
    const rig = await ScaleRig.for(context, servers)
    const door = await rig.start('--role', 'ingress')
    const [first, second] = [await rig.another('--role', 'orchestrator'), await rig.another('--role', 'orchestrator')]
    await expect.poll(async () => (await partitionsOf(first)).length, patience).toBe(32)
    expect([await partitionsOf(door), (await partitionsOf(second)).length]).toEqual([[], 32])
    const approving = (async () => {
      for (let given = 0; given < approvals; given++) await Promise.all([rig.approve(), pause(150)])
    })()
    await pause(1_500)
    await first.end('SIGTERM')
    const third = await rig.another('--role', 'orchestrator')
    await pause(1_000)
    await second.end('SIGKILL')
    await approving
    await expect.poll(() => rig.runs(), patience).toEqual({ done: approvals })
    expect([live(rig.systems).length, vouchers(rig.systems).length]).toEqual([approvals, approvals])
    await expect.poll(async () => (await partitionsOf(third)).length, patience).toBe(64)
  })
})
