import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contracts, schemaNumber } from '@shuniu/contracts'
import { missing, withoutBroker } from '@shuniu/infra/kafka/fixtures'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventOf } from './events.ts'
import { until } from '../processes/pause.ts'
import { root } from '../processes/root.ts'
import { goClient, python, runUntil, snippet, written } from './snippets.ts'
import { cache, openWorld, type World } from './world.ts'

const created = 'finance.voucher.created.v1'
const events = [1, 2, 3].map((number) => eventOf('finance.voucher.created', number))

/** Fetching and building a foreign client takes its time, once. */
const patient = { timeout: 300_000 }

describe.skipIf(missing !== '')(`stock clients on a broker and the registry of a hub${withoutBroker}`, () => {
  let world: World
  let around: Readonly<Record<string, string>>
  beforeAll(async () => {
    world = await openWorld()
    around = { BROKER: world.broker, REGISTRY: world.registry, SCHEMAS: join(cache, 'schemas') }
    await world.shuniu('contracts', 'apply')
    await world.shuniu('contracts', 'export', join(cache, 'schemas'))
    await world.publish(...events)
  }, 180_000)
  afterAll(() => world.close())

  /** A reader says a line for each event, in whatever order the partitions come. */
  const saysAll = (out: string): boolean => events.every(({ id }) => out.includes(id))
  const lines = (out: string): string[] => {
    const isLog = (line: string): boolean => line.startsWith('{"level":')
    return out
      .trim()
      .split('\n')
      .toSorted()
      .filter((line) => !isLog(line))
  }

  /** What the hub makes of a record that somebody wrote: by the way that its intake reads. */
  async function readBack(is: (event: { readonly source: string }) => boolean) {
    const found = await until(
      async () => {
        const records = await world.log.read({ topics: ['approval.payment.approved.v1'], from: 0, limit: 10 })
        return records.map((record) => world.hub.parts.orchestrator.read(record)).find(is)
      },
      { within: 20_000, every: 200 },
    )
    if (!found) throw new Error('nothing was written')
    return found
  }

  test('Python: confluent-kafka reads events, amounts exact', patient, async () => {
    const file = written('read.py', snippet('run python'))
    const out = await runUntil([await python(), file], around, saysAll)
    expect(lines(out)).toEqual(events.map(({ id, key }, at) => `${id} ${key} 记-${at + 1} 128.5000 2026-03-05`))
  })

  test('Python: its serializer registers by default, and what it writes is an event of the hub', patient, async () => {
    const file = written('write.py', snippet('run python write'))
    await runUntil([await python(), file], around, () => false)
    const read = await readBack(({ source }) => source === '/erp')
    expect(read).toMatchObject({ type: 'approval.payment.approved', correlation: 'erp-4711-1' })
    const { approvalId, amount, lines: inside } = read.data
    expect([approvalId, String(amount), Array.isArray(inside) && inside.length]).toEqual(['erp-4711', '150.5', 1])
    const versions = await (
      await fetch(`${world.registry}/subjects/approval.payment.approved.v1-value/versions`)
    ).json()
    expect(versions).toEqual([1])
  })

  test('Python: its newer form, with the GUID of the schema in a header, is read as well', patient, async () => {
    const changed = snippet('run python write')
      .replace(
        'AvroSerializer(registry, schema)',
        'AvroSerializer(registry, schema, conf={"schema.id.serializer": in_header})',
      )
      .replace('"/erp"', '"/newer"')
    const text = `from confluent_kafka.schema_registry import header_schema_id_serializer as in_header\n${changed}`
    await runUntil([await python(), written('newer.py', text)], around, () => false)
    const { id, data } = await readBack(({ source }) => source === '/newer')
    expect([data['approvalId'], String(data['amount'])]).toEqual(['erp-4711', '150.5'])
    // The same ce_id of another source is another event.
    expect(id).not.toBe((await readBack(({ source }) => source === '/erp')).id)
  })

  test('Python: its serializer is refused what no deploy step registered, with what to do', patient, async () => {
    const other = snippet('run python write').replace(
      'schema = file.read()',
      `schema = file.read().replace('"memo"', '"remark"')`,
    )
    const ran = runUntil([await python(), written('other.py', other)], around, () => false)
    await expect(ran).rejects.toThrow(/shuniu contracts apply.*42205|42205.*shuniu contracts apply/s)
  })

  test('Node: @shuniu/client reads events, typed and once', patient, async () => {
    await world.publish(...events)
    const file = written('read.mjs', snippet('run node'))
    const out = await runUntil([process.execPath, file], around, saysAll)
    expect(lines(out)).toEqual(events.map(({ id, key }, at) => `${id} ${key} 记-${at + 1} 128.50`))
  })

  test('Node: @kafkajs/confluent-schema-registry reads values', patient, async () => {
    const file = written('kafkajs.mjs', snippet('run node kafkajs'))
    const out = await runUntil([process.execPath, file], around, saysAll)
    expect(new Set(lines(out))).toEqual(new Set(events.map(({ id, key }, at) => `${id} ${key} 记-${at + 1}`)))
  })

  test('Go: franz-go with its registry package reads events', patient, async () => {
    const out = await runUntil([await goClient()], around, saysAll)
    const said = lines(out).map((line) => JSON.parse(line) as Record<string, string>)
    expect(said.find(({ ce_id: id }) => id === events[0]?.id)).toMatchObject({
      key: 'key-1',
      amount: '128.50',
      ce_specversion: '1.0',
      ce_type: 'finance.voucher.created',
      ce_source: '/flows/payment-to-voucher',
      ce_correlationid: 'whole',
      'content-type': 'application/avro',
    })
  })

  test('curl and kcat: the registry and the headers as anybody sees them', patient, async () => {
    const file = written('look.sh', snippet('run sh'))
    const out = await runUntil(['sh', file], around, () => false)
    for (const { topic } of contracts) expect(out).toContain(`"${topic}-value"`)
    expect(out).toContain(`"id":${schemaNumber(contracts.find(({ topic }) => topic === created)?.text ?? '')}`)
    expect(out).toMatch(/^key-1 ce_specversion=1\.0,ce_id=[\da-f-]{36},ce_source=\/flows\/payment-to-voucher,/m)
  })
})

test.each(['test/clients/go/main.go', 'test/clients/voucher.controller.ts'])('the page shows %s as it is', (path) => {
  expect(`${snippet(`same ${path}`)}\n`).toBe(readFileSync(join(root, path), 'utf8'))
})
