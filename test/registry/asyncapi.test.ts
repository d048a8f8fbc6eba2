import { Parser } from '@asyncapi/parser'
import {
  asyncApi,
  contract,
  contracts,
  decode,
  encode,
  isRecord,
  parseContract,
  parseSchema,
  sampleOf,
  toHeaders,
  validate,
} from '@shuniu/contracts'
import { expect, test } from 'vitest'
import { eventOf } from '../clients/events.ts'
import { fits } from './json-schema.ts'

const around = { title: 'Payments', version: '0.1.0', server: 'broker:9092', registry: 'http://hub:7070/registry' }
const settings = { partitions: 12, replicas: 3, retentionMs: 604_800_000 }
const text = JSON.stringify(asyncApi(contracts, { ...around, topics: settings }))

/** The official parser, which leaves Avro to whoever brings a reader of it: ours. */
function parser(): Parser {
  const made = new Parser()
  made.registerSchemaParser({
    getMimeTypes: () => ['application/vnd.apache.avro;version=1.9.0'],
    validate: ({ data, path }) => parseSchema(data).problems.map(({ error }) => ({ message: error.message, path })),
    // The document keeps it as it is: nothing below asks for JSON Schema.
    parse: async () => ({ type: 'object' }),
  })
  return made
}

const parsed = parser().parse(text)

test('the document is AsyncAPI 3.0 without a fault', async () => {
  const { document, diagnostics } = await parsed
  expect(diagnostics.filter(({ severity }) => severity === 0).map(({ message, path }) => [message, path])).toEqual([])
  expect(document?.version()).toBe('3.0.0')
  expect(
    document
      ?.channels()
      .all()
      .map((channel) => channel.address())
      .toSorted(),
  ).toEqual(contracts.map(({ topic }) => topic).toSorted())
  for (const operation of document?.operations().all() ?? []) expect(operation.action()).toBe('send')
})

test('the parser would find a fault: a binding that does not exist', async () => {
  const broken = text.replace('"action":"send"', '"action":"sent"')
  const { diagnostics } = await parser().parse(broken)
  expect(diagnostics.filter(({ severity }) => severity === 0).length).toBeGreaterThan(0)
})

test('servers, channels and messages have Kafka bindings with the registry and the place of the schema id', async () => {
  const { document } = await parsed
  const [server] = document?.servers().all() ?? []
  expect(server?.bindings().get('kafka')?.value()).toMatchObject({ schemaRegistryUrl: around.registry })
  for (const channel of document?.channels().all() ?? []) {
    expect(channel.bindings().get('kafka')?.value()).toMatchObject({
      topic: channel.address(),
      partitions: 12,
      replicas: 3,
      topicConfiguration: { 'retention.ms': 604_800_000 },
    })
    expect(channel.bindings().get('kafka')?.version()).toBe('0.5.0')
    for (const message of channel.messages().all())
      expect(message.bindings().get('kafka')?.value()).toMatchObject({
        schemaIdLocation: 'payload',
        schemaIdPayloadEncoding: 'confluent',
        key: { type: 'string' },
      })
  }
})

const document: unknown = JSON.parse(text)

/** What stands at a path of the document. */
function at(...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => (isRecord(found) ? found[name] : undefined), document)
}

test.each(contracts)('a real message of $type is what the document says', ({ type }) => {
  const its = contract(type)
  const event = { ...eventOf('finance.voucher.created', 1), type, topic: its.topic, data: sampleOf(its) }
  const headers = toHeaders({ ...event, causation: 'cause', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` })
  const ofHeaders = at('components', 'messageTraits', 'cloudEvents', 'headers')
  expect(fits(ofHeaders, headers)).toEqual([])
  expect(fits(ofHeaders, { ...headers, ce_specversion: '0.3' })).toEqual(['ce_specversion'])
  // Nothing is written that the document does not know.
  const said = at('components', 'messageTraits', 'cloudEvents', 'headers', 'properties')
  expect(Object.keys(headers).filter((name) => !isRecord(said) || !(name in said))).toEqual([])

  const { contract: read } = parseContract(at('components', 'messages', type, 'payload', 'schema'))
  if (!read) throw new Error('the payload is no contract')
  expect(decode(read, encode(its, event.data))).toEqual(event.data)
  expect(validate(read, event.data)).toEqual([])
})
