import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startHub } from '@shuniu/hub'
import { missing, withoutBroker } from '@shuniu/infra/kafka/fixtures'
import { onPostgres } from '@shuniu/infra/postgres/fixtures'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { killStarting, shuniuOf, startProgram, type Command } from '../processes/program.ts'
import { root } from '../processes/root.ts'
import { fault } from '../scenarios/append.ts'
import { effects, live, runs, vouchers } from '../scenarios/seen.ts'
import { ScaleRig } from './rig.ts'
import { Servers } from './servers.ts'

vi.setConfig({ testTimeout: 180_000 })

const { isMissing, suite } = onPostgres(`an installation that moves${withoutBroker}`)
const patience = { timeout: 90_000, interval: 200 }

describe.skipIf(isMissing || missing !== '')(suite, () => {
  let servers: Servers
  beforeAll(async () => void (servers = await Servers.start()), 300_000)
  afterAll(() => servers.stop())

  test('goes on where it was, with its history, its doubts and its numbers, killed as often as one likes', async (context) => {
    const rig = await ScaleRig.for(context, servers)
    const { systems } = rig
    const [old, data] = [join(systems.folder, 'old-project'), join(systems.folder, 'old')]
    cpSync(systems.project.dir, old, { recursive: true })
    const file = join(old, 'hub.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^(store|log):.*\n/gm, ''))
    const hub = await startHub({ project: old, data, port: 0, environment: systems.environment, logLevel: 'silent' })
    await Promise.all(Array.from({ length: 10 }, () => rig.approve()))
    await expect.poll(() => runs({ hub }), patience).toEqual(Array.from({ length: 10 }, () => 'flow done'))
    await fault(systems.kingdee.url, { on: 'voucher.save', fault: 'execute-then-timeout' })
    await fault(systems.kingdee.url, { on: 'voucher.find', fault: 'html-502', times: 50 })
    const { number } = await rig.approve()
    await expect.poll(async () => (await effects({ hub })).at(-1), patience).toBe('in doubt')
    await hub.close()

    const command = moving(rig, data)
    for (const ms of [700, 900, 1_000, 1_100, 1_200, 1_400]) await killStarting(command, ms)
    await killStarting(command, 60_000)
    expect(readFileSync(command.log, 'utf8')).toContain('Every row is equal')
    await fetch(`${systems.kingdee.url}/_sim/faults`, { method: 'DELETE' })

    const { url } = await rig.start()
    await Promise.all(Array.from({ length: 5 }, () => rig.approve()))
    await expect.poll(() => rig.runs(), patience).toEqual({ done: 16 })
    expect([live(systems).length, vouchers(systems).length]).toEqual([16, 16])
    const created = async (): Promise<number> =>
      new Set((await rig.eventsOn('finance.voucher.created')).map(({ id }) => id)).size
    await expect.poll(created, patience).toBe(16)
    const trace = await fetch(`${url}/api/v1/trace/${number}?lang=en`)
    expect(((await trace.json()) as { story: { what: string }[] }).story.map(({ what }) => what)).toContain('looked up')
    await expect(startProgram(embedded(rig, old, data))).rejects.toThrow('store.moved')
  })
})

const commandOf = ({ systems }: ScaleRig, args: readonly string[]): Command => ({
  script: shuniuOf(root),
  args,
  environment: { ...process.env, ...systems.environment, LANG: 'en' },
  log: join(systems.folder, 'move.log'),
})

const moving = (rig: ScaleRig, data: string): Command =>
  commandOf(rig, ['move', '--from', data, '--project', rig.systems.project.dir])

const embedded = (rig: ScaleRig, project: string, data: string): Command =>
  commandOf(rig, ['start', '--project', project, '--data', data, '--port', '0'])
