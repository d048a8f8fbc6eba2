import { toJson } from '../codec/json-form.ts'
import type { Contract } from '../contract.ts'
import { contentType, toHeaders } from '../envelope.ts'
import { eventId } from '../event-id.ts'
import { sampleOf } from '../sample.ts'
import { Instant } from '../values.ts'
import { inOrderOfTopics, type CatalogueAround, type TopicSettings } from './about.ts'

type Json = { readonly [name: string]: unknown }

/** Of the Kafka bindings that this document uses. */
const bindingVersion = '0.5.0'

/**
 * What a hub publishes, as an AsyncAPI 3.0 document with Kafka bindings: a channel for each topic, its message in Avro with
 * CloudEvents headers. From the same contracts that events are written by.
 */
export function asyncApi(contracts: readonly Contract[], around: CatalogueAround): Json {
  const { title, version, server, registry, prefix = '', topics } = around
  const all = inOrderOfTopics(contracts).map((one) => ({ ...one, topic: prefix + one.topic }))
  return {
    asyncapi: '3.0.0',
    info: {
      title,
      version,
      description:
        'Events as CloudEvents 1.0 on Kafka, binary mode; the value is Avro in the Confluent wire format. ' +
        'Amounts are Avro decimals, instants UTC. A consumer may get an event more than once: ce_source and ce_id name it.',
    },
    defaultContentType: contentType,
    servers: {
      kafka: {
        host: server,
        protocol: 'kafka',
        description: 'The brokers, and the registry that has the schemas.',
        bindings: {
          kafka: { schemaRegistryUrl: registry, schemaRegistryVendor: 'confluent', bindingVersion },
        },
      },
    },
    channels: Object.fromEntries(all.map((one) => [one.topic, channelOf(one, topics)])),
    operations: Object.fromEntries(all.map((one) => [`publish.${one.type}`, operationOf(one)])),
    components: {
      messageTraits: { cloudEvents: { headers: cloudEventHeaders } },
      messages: Object.fromEntries(all.map((one) => [one.type, messageOf(one)])),
    },
  }
}

function channelOf({ topic, type, doc, owner, visibility }: Contract, settings: TopicSettings = {}): Json {
  const { partitions, replicas, retentionMs } = settings
  return {
    address: topic,
    title: doc.zh,
    description: doc.en,
    servers: [{ $ref: '#/servers/kafka' }],
    messages: { [type]: { $ref: `#/components/messages/${type}` } },
    tags: [{ name: `owner:${owner}` }, { name: visibility }],
    bindings: {
      kafka: {
        topic,
        ...(partitions === undefined ? {} : { partitions }),
        ...(replicas === undefined ? {} : { replicas }),
        ...(retentionMs === undefined
          ? {}
          : { topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': retentionMs } }),
        bindingVersion,
      },
    },
  }
}

function operationOf({ topic, type, key }: Contract): Json {
  return {
    action: 'send',
    channel: { $ref: `#/channels/${pointer(topic)}` },
    summary: `Events of one ${key} are in order.`,
    messages: [{ $ref: `#/channels/${pointer(topic)}/messages/${pointer(type)}` }],
    bindings: { kafka: { bindingVersion } },
  }
}

/** A name inside a JSON pointer. */
function pointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function messageOf(contract: Contract): Json {
  const { type, doc, key, owner, compatibility, text } = contract
  const schema: unknown = JSON.parse(text)
  return {
    name: type,
    title: doc.zh,
    summary: doc.en,
    contentType,
    traits: [{ $ref: '#/components/messageTraits/cloudEvents' }],
    payload: { schemaFormat: 'application/vnd.apache.avro;version=1.9.0', schema },
    bindings: {
      kafka: {
        key: { type: 'string', description: `The field ${key}.` },
        schemaIdLocation: 'payload',
        schemaIdPayloadEncoding: 'confluent',
        schemaLookupStrategy: 'TopicNameStrategy',
        bindingVersion,
      },
    },
    'x-shuniu': {
      owner,
      compatibility,
      sample: { headers: sampleHeaders(contract), data: toJson(contract, sampleOf(contract)) },
    },
  }
}

/** Headers as an event of this contract has them. */
export function sampleHeaders(contract: Contract): Json {
  const { type, topic, key } = contract
  const time = Instant.parse('2026-03-05T01:02:03Z') ?? new Instant(0)
  const data = sampleOf(contract)
  const id = eventId({ time, connection: 'dingtalk-main', type, document: '1', version: '1' })
  const source = '/connections/dingtalk-main'
  const subject = '2026-0317'
  return toHeaders({ id, type, topic, key: String(data[key]), time, source, subject, correlation: id, data })
}

const text = (description: string, more: Json = {}): Json => ({ type: 'string', description, ...more })

/** The headers of every event: CloudEvents' Kafka binding, binary mode, and the extensions we write. */
const cloudEventHeaders: Json = {
  type: 'object',
  required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'content-type'],
  properties: {
    ce_specversion: { type: 'string', const: '1.0' },
    ce_id: text('The same for the same fact, however often it is published.', { minLength: 1 }),
    ce_source: text('Where it comes from: /connections/… or /flows/….', { format: 'uri-reference', minLength: 1 }),
    ce_type: text('Type of the event, without a version.', { pattern: '^[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*)+$' }),
    ce_subject: text('What it is about, as people call it.'),
    ce_time: text('When the fact happened in its source, UTC.', { format: 'date-time' }),
    ce_correlationid: text('One for the whole business transaction, from approval to voucher.'),
    ce_causationid: text('Id of the event that caused this one.'),
    ce_partitionkey: text('The key of the record.'),
    ce_dataschema: text('Where the schema of the value can be fetched.', { format: 'uri' }),
    ce_traceparent: text('W3C trace context.'),
    traceparent: text('W3C trace context.', { pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' }),
    'content-type': { type: 'string', const: contentType },
  },
}
