import { createHash } from 'node:crypto'

/** 52 bits of SHA-256 over the parts: fits an integer column and a JS number. Collisions are possible; compare in full. */
export function hash52(...parts: readonly string[]): number {
  const digest = createHash('sha256').update(parts.join('\u0000')).digest()
  return digest.readUInt32BE(0) * 2 ** 20 + (digest.readUInt32BE(4) >>> 12)
}
