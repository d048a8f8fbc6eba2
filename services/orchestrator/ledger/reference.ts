import { hash } from 'node:crypto'

/** What promise 3 is about: at most one document in the target for each of these. */
export interface EffectIdentity {
  readonly connection: string
  readonly operation: string
  /** The connection the document came from. */
  readonly source: string
  readonly key: string
  /** Flow, step, and the key of each list entry on the way to it. */
  readonly leg: readonly string[]
  readonly revision: number
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** `SN` and 26 Crockford base32 characters of a 128-bit hash of the identity. Travels into the target's document. */
export function referenceOf(identity: EffectIdentity): string {
  const { connection, operation, source, key, leg, revision } = identity
  const digest = hash('sha256', JSON.stringify([connection, operation, source, key, leg, revision]), 'buffer')
  let text = 'SN'
  let rest = 0
  // 26 characters say 130 bits: two zeros come first.
  let bits = 2
  for (let at = 0; at < 16; at++) {
    rest = (rest << 8) | (digest[at] ?? 0)
    for (bits += 8; bits >= 5; rest &= (1 << bits) - 1) text += alphabet[rest >>> (bits -= 5)]
  }
  return text
}
