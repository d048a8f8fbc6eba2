import { hash } from 'node:crypto'

/** 52 bits of SHA-256 over the parts: fits an integer column and a JS number. Collisions are possible; compare in full. */
export function hash52(...parts: readonly string[]): number {
  return Number.parseInt(hash('sha256', parts.join('\u0000'), 'hex').slice(0, 13), 16)
}
