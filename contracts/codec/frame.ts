import { HubError } from '../errors.ts'
import { guidText, numberOfGuid } from '../schema-number.ts'

/**
 * Which schema wrote a payload: by the number that its registry gave it, or by GUID. Our registry's numbers are part of its
 * GUIDs (`schema-number.ts`), so `id` says what is meant in both cases; another registry has to be asked by `guid`.
 */
export type SchemaReference =
  | { readonly by: 'id'; readonly id: number }
  | { readonly by: 'guid'; readonly id: number; readonly guid: string }

/** A payload and what the frame around it says. */
export interface Framed {
  readonly schema: SchemaReference
  readonly payload: Uint8Array
}

/** The header in which newer serializers write what else stands in front of the payload. */
export const schemaIdHeader = '__value_schema_id'

const LENGTH = 5

/** Confluent's wire format, version 0: a zero byte, the schema's id in four bytes (big-endian), the payload. */
export function frame(schemaId: number, payload: Uint8Array): Uint8Array {
  const framed = Buffer.allocUnsafe(LENGTH + payload.length)
  framed[0] = 0
  framed.writeInt32BE(schemaId, 1)
  framed.set(payload, LENGTH)
  return framed
}

/** How each version names the schema, by its first byte; `length` is where the payload begins. */
const versions: Readonly<Record<number, { length: number; read: (bytes: Buffer) => SchemaReference }>> = {
  0: { length: LENGTH, read: (bytes) => ({ by: 'id', id: bytes.readInt32BE(1) }) },
  1: { length: 17, read: (bytes) => byGuid(guidText(bytes.subarray(1, 17))) },
}

function byGuid(guid: string): SchemaReference {
  return { by: 'guid', id: numberOfGuid(guid) ?? 0, guid }
}

/**
 * Takes the frame off: version 0 (an id), version 1 (a GUID), or either in a header, then the value is the payload alone.
 * Throws `event.no-value` for a tombstone and `event.unknown-frame` for what is no frame we know.
 */
export function unframe(value: Uint8Array | null, header?: Uint8Array): Framed {
  if (value === null || (value.length === 0 && !header)) throw new HubError('event.no-value')
  const { schema, length } = referenceIn(header ?? value)
  if (header) return { schema, payload: value }
  return { schema, payload: Buffer.from(value.buffer, value.byteOffset + length, value.length - length) }
}

function referenceIn(bytes: Uint8Array): { schema: SchemaReference; length: number } {
  const first = bytes[0] ?? 0
  const version = versions[first]
  if (!version || bytes.length < version.length) {
    throw new HubError('event.unknown-frame', { first, length: bytes.length })
  }
  const schema = version.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
  return { schema, length: version.length }
}
