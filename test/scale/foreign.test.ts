import { join } from 'node:path'
import { startHub, type RunningHub } from '@shuniu/hub'
import { missing, withoutBroker } from '@shuniu/infra/kafka/fixtures'
import { onPostgres } from '@shuniu/infra/postgres/fixtures'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi, type TestContext } from 'vitest'
import { run } from '../clients/command.ts'
import { python, runUntil, snippet, written } from '../clients/snippets.ts'
import { vouchers } from '../scenarios/seen.ts'
import { ScaleRig } from './rig.ts'
import { Servers } from './servers.ts'

vi.setConfig({ testTimeout: 300_000 })

const { isMissing, suite } = onPostgres(`events of other programs${withoutBroker}`)
const patience = { timeout: 60_000, interval: 200 }

describe.skipIf(isMissing || missing !== '')(suite, () => {
  let servers: Servers
  beforeAll(async () => void (servers = await Servers.start()), 300_000)
  afterAll(() => servers.stop())

  /** A hub on the servers, whose contracts are registered and exported. */
  async function open(context: TestContext): Promise<{ rig: ScaleRig; hub: RunningHub; schemas: string }> {
    const rig = await ScaleRig.for(context, servers)
    const { project, folder, environment } = rig.systems
    const options = { project: project.dir, data: join(folder, 'unused'), port: 0, environment }
    const hub = await startHub({ ...options, logLevel: 'silent' })
    onTestFinished(() => hub.close())
    const schemas = join(folder, 'schemas')
    for (const command of [['apply'], ['export', schemas]]) {
      expect(await run(['contracts', ...command, '--project', project.dir], hub.url, environment)).toMatchObject({
        code: 0,
      })
    }
    return { rig, hub, schemas }
  }

  /** The page's own program, writing to this installation's topics. */
  async function write({ rig, hub, schemas }: Awaited<ReturnType<typeof open>>): Promise<void> {
    const text = snippet('run python write').replace('topic = "', `topic = "${rig.prefix}`)
    const around = { BROKER: servers.brokers, REGISTRY: `${hub.url}/registry`, SCHEMAS: schemas }
    await runUntil([await python(), written('write-scale.py', text)], around, () => false)
  }

  test('start flows like our own: what a stock Python serializer wrote becomes one voucher, however often it is sent', async (context) => {
    const opened = await open(context)
    await write(opened)
    await expect.poll(() => opened.rig.runs(), patience).toEqual({ done: 1 })
    await write(opened)
    await write(opened)
    // Behind the repeats in the topic: when it has been taken, they have.
    await opened.rig.approve()
    await expect.poll(async () => (await opened.rig.runs())['done'], patience).toBe(2)
    expect(vouchers(opened.rig.systems)).toHaveLength(2)
    const created = await opened.rig.eventsOn('finance.voucher.created')
    expect(created.filter(({ data }) => data['approvalId'] === 'erp-4711')).toHaveLength(1)
  })
})
