import { HubError } from '../errors.ts'

/** Which schema wrote a payload, as the registry knows it. */
export type SchemaReference = { readonly by: 'id'; readonly id: number }

/** A payload and what the frame around it says. */
export interface Framed {
  readonly schema: SchemaReference
  readonly payload: Uint8Array
}

const LENGTH = 5

/** Confluent's wire format, version 0: a zero byte, the schema's id in four bytes (big-endian), the payload. */
export function frame(schemaId: number, payload: Uint8Array): Uint8Array {
  const framed = Buffer.allocUnsafe(LENGTH + payload.length)
  framed[0] = 0
  framed.writeInt32BE(schemaId, 1)
  framed.set(payload, LENGTH)
  return framed
}

/** How each version of the frame is read, by its first byte. */
const versions: Readonly<Record<number, (bytes: Buffer) => Framed>> = {
  0: (bytes) => ({ schema: { by: 'id', id: bytes.readInt32BE(1) }, payload: bytes.subarray(LENGTH) }),
}

/** Takes the frame off. Throws `event.no-value` for a tombstone and `event.unknown-frame` for what is no frame we know. */
export function unframe(value: Uint8Array | null): Framed {
  if (value === null || value.length === 0) throw new HubError('event.no-value')
  const first = value[0] ?? 0
  const read = versions[first]
  if (!read || value.length < LENGTH) throw new HubError('event.unknown-frame', { first, length: value.length })
  return read(Buffer.from(value.buffer, value.byteOffset, value.length))
}
