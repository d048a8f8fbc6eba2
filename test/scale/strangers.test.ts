import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { startHub, type RunningHub } from '@shuniu/hub'
import { openKafka, type Incoming, type KafkaDriver } from '@shuniu/infra/kafka'
import { forget, missing, withoutBroker } from '@shuniu/infra/kafka/fixtures'
import { onPostgres } from '@shuniu/infra/postgres/fixtures'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi, type TestContext } from 'vitest'
import { run } from '../clients/command.ts'
import { ScaleRig } from './rig.ts'
import { Servers } from './servers.ts'

vi.setConfig({ testTimeout: 180_000 })

const { isMissing, suite } = onPostgres(`what strangers do to the log${withoutBroker}`)
const patience = { timeout: 60_000, interval: 200 }
const topic = 'approval.payment.approved.v1'

describe.skipIf(isMissing || missing !== '')(suite, () => {
  let servers: Servers
  let stranger: KafkaDriver
  beforeAll(async () => {
    servers = await Servers.start()
    stranger = await openKafka({ brokers: servers.brokers.split(',') }, () => undefined)
  }, 300_000)
  afterAll(async () => {
    await stranger.close()
    await servers.stop()
  })

  function startOn({ systems }: ScaleRig): Promise<RunningHub> {
    const { project, folder, environment } = systems
    const options = { project: project.dir, data: join(folder, 'unused'), port: 0, environment }
    return startHub({ ...options, logLevel: 'silent' })
  }

  async function open(context: TestContext): Promise<{ rig: ScaleRig; hub: RunningHub }> {
    const rig = await ScaleRig.for(context, servers)
    const hub = await startOn(rig)
    onTestFinished(() => hub.close())
    return { rig, hub }
  }

  const read = async (name: string): Promise<readonly Incoming[]> => (await stranger.read(name, 0, 0)).records

  test('what nobody can read is parked and copied, and the others of its partition go on', async (context) => {
    const { rig } = await open(context)
    const bytes = Buffer.of(9, 0xff, 0, 1)
    const records = [
      { key: 'A', value: bytes, headers: { traceparent: 'theirs', odd: Buffer.of(0xfe) } },
      { key: 'A', value: Buffer.of(0, 0, 0, 0, 99, 1), headers: { ce_id: 'x-1', ce_source: '/x' } },
    ]
    for (const partition of [0, 1, 2, 3]) await stranger.send(rig.prefix + topic, partition, records)
    await rig.approve()
    await expect.poll(() => rig.runs(), patience).toEqual({ done: 1 })
    const rows = await rig.rows.select('poisoned', {})
    expect(rows.map(({ code }) => code).toSorted()).toEqual([
      ...Array<string>(4).fill('event.unknown-frame'),
      ...Array<string>(4).fill('event.unknown-schema'),
    ])
    const parked = await rig.rows.select('runs', { open: 'parked', reason: 'poison' })
    expect(parked.map(({ id }) => id).toSorted()).toEqual(rows.map((row) => row.run).toSorted())

    const copies = `${rig.prefix}${topic}.orchestrator.dlq`
    await expect.poll(async () => (await read(copies)).length, patience).toBe(8)
    const [first] = await read(copies)
    expect(Buffer.from(first?.value ?? '')).toEqual(bytes)
    // As others see it.
    const format = ['-e', '-q', '-f', '%k %h\n']
    const seen = execFileSync('kcat', ['-C', '-b', servers.brokers, '-t', copies, ...format], { encoding: 'latin1' })
    const lines = seen.trim().split('\n')
    const [one] = parked
    expect(lines).toHaveLength(8)
    expect(lines.filter((line) => line.includes(`shuniu-run-id=${one?.id}`))).toHaveLength(1)
    expect(lines[0]).toContain(`__connect.errors.topic=${rig.prefix}${topic}`)
    expect(lines.filter((line) => line.includes('traceparent=theirs'))).toHaveLength(4)
    expect(lines.filter((line) => line.includes('ce_id=x-1'))).toHaveLength(4)
  })

  test('records that were deleted unread stop their partition until a person accepts it', async (context) => {
    const { rig, hub } = await open(context)
    await rig.approve()
    await expect.poll(() => rig.runs(), patience).toEqual({ done: 1 })
    const [place] = (await rig.rows.select('places', { topic: rig.prefix + topic })).filter(({ last }) => last !== '')
    const partition = place?.partition ?? 0
    await hub.close()
    const unread = { key: 'A', value: Buffer.from('?'), headers: {} }
    await stranger.send(rig.prefix + topic, partition, [unread, unread, unread])
    await forget(servers.brokers.split(','), rig.prefix + topic, partition, 3)

    const next = await startOn(rig)
    onTestFinished(() => next.close())
    const gaps = async (): Promise<unknown> => (await fetch(`${next.url}/api/v1/topics/gaps`)).json()
    await expect.poll(gaps, patience).toEqual({ items: [{ topic, partition, from: 1, earliest: 3 }] })
    expect(await (await fetch(`${next.url}/metrics`)).text()).toContain(`shuniu_log_gap_records{topic="${topic}"} 2`)
    const { environment, project } = rig.systems
    const words = [
      'topics',
      'accept-gap',
      topic,
      '--partition',
      String(partition),
      '--because',
      'they were question marks',
    ]
    expect(await run([...words, '--project', project.dir], next.url, environment)).toMatchObject({ code: 0 })
    expect(await gaps()).toEqual({ items: [] })
    await expect.poll(async () => (await rig.rows.select('poisoned', {})).length, patience).toBe(1)
    const [line] = await rig.rows.select('audit', { action: 'topics accept-gap' })
    expect(line).toMatchObject({ reason: 'they were question marks', target: `${topic}/${partition}` })
  })
})
