import { hash } from 'node:crypto'

/** The number of a schema on the wire: 31 bits of the hash of its text, the same in every process. */
export function schemaNumber(text: string): number {
  return Number.parseInt(hash('sha256', text, 'hex').slice(0, 8), 16) >>> 1
}

/** The GUID of a schema, for version 1 of the frame: the first 128 bits of that hash. */
export function schemaGuid(text: string): string {
  return guidText(hash('sha256', text, 'buffer'))
}

/** The number that a schema of this GUID has; undefined when the text is no GUID. */
export function numberOfGuid(guid: string): number | undefined {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(guid)
    ? Number.parseInt(guid.slice(0, 8), 16) >>> 1
    : undefined
}

export function guidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
