import {
  contracts as shipped,
  decode,
  fromHeaders,
  HubError,
  Instant,
  parseContractText,
  schemaIdHeader,
  unframe,
  type Contract,
  type EventHeaders,
  type HubEvent,
} from '@shuniu/contracts'
import type { KafkaRecord } from './event.ts'
import { RegistryClient, type RegistrySettings, type WriterSchema } from './registry.ts'

export interface ReaderSettings {
  readonly registry: RegistrySettings | RegistryClient
  /** What you read by. Those of the hub when left out; a type that is not among them is read as it was written. */
  readonly contracts?: readonly Contract[]
}

/** Turns records into events. One for a process: it remembers schemas. */
export class EventReader {
  private readonly registry: RegistryClient
  private readonly contracts: readonly Contract[]
  private readonly asWritten = new WeakMap<WriterSchema, Contract>()

  constructor({ registry, contracts = shipped }: ReaderSettings) {
    this.registry = registry instanceof RegistryClient ? registry : new RegistryClient(registry)
    this.contracts = contracts
  }

  /**
   * Reads a record: the frame (an id, a GUID, or either in a header), the writer's schema from the registry, the data by
   * your contract, the envelope from the CloudEvents headers. Throws `event.*` and `contract.*` for what nobody can read
   * (reading it again changes nothing), `client.*` while the registry cannot be asked.
   */
  async read(record: KafkaRecord): Promise<HubEvent> {
    const headers = headersOf(record)
    const { topic, timestamp } = record
    const named = headers['ce_type']
    const known = this.contracts.find((one) => (named ? one.type === named : one.topic === topic))
    const { schema, payload } = unframe(record.value, bytesOf(record.headers?.[schemaIdHeader]))
    const type = named || known?.type || topic
    const written = await this.registry.schemaOf(schema, type)
    const contract = known ?? this.contractOf(written, type)
    const data = decode(contract, payload, written.text === contract.text ? {} : { writer: written.schema })
    return fromHeaders(headers, {
      topic,
      key: record.key === null ? '' : textOf(record.key),
      data,
      fallback: {
        id: `${topic}-${record.partition ?? 0}-${record.offset ?? 0}`,
        type: contract.type,
        source: `/topics/${topic}`,
        ...(timestamp === undefined ? {} : { time: new Instant(Number(timestamp)) }),
      },
    })
  }

  private contractOf(written: WriterSchema, type: string): Contract {
    const before = this.asWritten.get(written)
    if (before) return before
    const { contract, problems } = parseContractText(written.text)
    if (!contract) {
      const cause = new AggregateError(problems.map(({ error }) => error))
      throw new HubError('contract.unknown', { type, nearest: '' }, { cause })
    }
    this.asWritten.set(written, contract)
    return contract
  }
}

function headersOf({ headers = {} }: KafkaRecord): EventHeaders {
  const read = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' || value instanceof Uint8Array ? [[name, textOf(value)]] : [],
  )
  return Object.fromEntries(read)
}

function textOf(value: Uint8Array | string): string {
  return typeof value === 'string' ? value : Buffer.from(value).toString()
}

type Header = NonNullable<KafkaRecord['headers']>[string]

function bytesOf(value: Header): Uint8Array | undefined {
  if (typeof value === 'string') return Buffer.from(value)
  return value instanceof Uint8Array ? value : undefined
}
