import type avsc from 'avsc'
import { avscResolver, avscType } from '../avro/avsc.ts'
import { decodeLimits, type DecodeLimits } from '../avro/limits.ts'
import { measure, type Measure } from '../avro/measure.ts'
import { mismatches } from '../avro/resolution.ts'
import type { AvroSchema } from '../avro/schema.ts'
import type { Contract } from '../contract.ts'
import { HubError, type Problem } from '../errors.ts'
import type { ValueRecord } from '../values.ts'
import { Findings } from './findings.ts'
import { fromAvro } from './from-avro.ts'
import { toAvro } from './to-avro.ts'
import { walk, type Turn } from './walk.ts'

/** Everything that is wrong with a record as the data of this contract; fields with a default may be left out. */
export function validate(contract: Contract, record: ValueRecord): readonly Problem[] {
  const findings = new Findings()
  codecOf(contract).turn(record, findings)
  return findings.problems
}

/**
 * Writes a record as Avro's binary form, without the frame.
 * Throws `contract.invalid`, whose cause holds every problem, and `contract.bytes-over-budget` for what nobody would read.
 */
export function encode(contract: Contract, record: ValueRecord): Uint8Array {
  const codec = codecOf(contract)
  const findings = new Findings()
  const raw = codec.turn(record, findings)
  if (findings.problems.length > 0) throw findings.asError(contract.type)
  const bytes = codec.type.toBuffer(raw)
  codec.own.measure(bytes, decodeLimits)
  return bytes
}

/**
 * Reads Avro's binary form, without the frame. Bytes may be anything: they are measured against the writer's schema
 * before anything is allocated for them. Throws `contract.bytes-*` and `contract.unreadable-writer`, nothing else.
 */
export function decode(
  contract: Contract,
  bytes: Uint8Array,
  options: { writer?: AvroSchema; limits?: Partial<DecodeLimits> } = {},
): ValueRecord {
  const codec = codecOf(contract)
  const writer = options.writer && options.writer !== contract.schema ? writerOf(codec, options.writer) : codec.own
  writer.measure(bytes, { ...decodeLimits, ...options.limits })
  return codec.read(writer.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)))
}

interface Codec {
  readonly contract: Contract
  readonly type: avsc.Type
  readonly turn: Turn
  readonly read: (raw: unknown) => ValueRecord
  readonly own: Writer
  readonly writers: WeakMap<AvroSchema, Writer>
}

/** How bytes of one writer's schema are proven and read as the contract's. */
interface Writer {
  readonly measure: Measure
  readonly read: (bytes: Buffer) => unknown
}

/** Compiled once for each contract, at its first use. */
const codecs = new WeakMap<Contract, Codec>()

function codecOf(contract: Contract): Codec {
  const known = codecs.get(contract)
  if (known) return known
  const type = avscType(contract.schema, 'reader')
  const codec: Codec = {
    contract,
    type,
    turn: walk(contract.shape, toAvro),
    read: fromAvro(contract.shape),
    own: { measure: measure(contract.schema), read: (bytes) => type.fromBuffer(bytes) },
    writers: new WeakMap(),
  }
  codecs.set(contract, codec)
  return codec
}

function writerOf(codec: Codec, schema: AvroSchema): Writer {
  const known = codec.writers.get(schema)
  if (known) return known
  const writer = compileWriter(codec, schema)
  codec.writers.set(schema, writer)
  return writer
}

function compileWriter({ contract, type }: Codec, schema: AvroSchema): Writer {
  const [first] = mismatches(contract.schema, schema)
  if (first) throw new HubError('contract.unreadable-writer', { type: contract.type, ...first })
  const resolver = avscResolver(type, avscType(schema, 'writer'))
  return { measure: measure(schema), read: (bytes) => type.fromBuffer(bytes, resolver) }
}
