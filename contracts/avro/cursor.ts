import { isUtf8 } from 'node:buffer'
import { HubError } from '../errors.ts'
import type { DecodeLimits } from './limits.ts'

/**
 * Walks over Avro's binary form without building anything. Every step either stays within the bytes and the limits
 * or throws a HubError, and takes only what one way of writing allows: whole varints, booleans 0 and 1, real UTF-8.
 */
export class Cursor {
  at = 0
  private values = 0
  private depth = 0

  constructor(
    private readonly bytes: Uint8Array,
    private readonly limits: DecodeLimits,
  ) {
    if (bytes.length > limits.bytes) this.overBudget('bytes', limits.bytes)
  }

  /**
   * A zigzag varint of at most 64 bits. Exact within 2^53; beyond that only its size and sign are right, which is enough
   * to refuse it wherever it is a length, a count or an index.
   */
  long(): number {
    let value = 0
    for (let length = 1, weight = 1; length <= 10; length++, weight *= 128) {
      const byte = this.byte()
      value += (byte & 0x7f) * weight
      if (byte >= 0x80) continue
      if (length === 10 && byte > 1) break
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
    return this.malformed('varint')
  }

  int(): void {
    const value = this.long()
    if (value < -2_147_483_648 || value > 2_147_483_647) this.malformed('int')
  }

  boolean(): void {
    if (this.byte() > 1) this.malformed('boolean')
  }

  skip(length: number): void {
    if (!(length >= 0 && length <= this.bytes.length - this.at)) this.malformed('length')
    this.at += length
  }

  string(): void {
    const length = this.long()
    const start = this.at
    this.skip(length)
    let at = start
    while (at < this.at && (this.bytes[at] ?? 0) < 0x80) at++
    if (at < this.at && !isUtf8(this.bytes.subarray(start, this.at))) this.malformed('UTF-8')
  }

  index(count: number): number {
    const index = this.long()
    return index >= 0 && index < count ? index : this.malformed('index')
  }

  /** The blocks of a list or map: each a count and its items; a negative count is followed by the true size in bytes. */
  blocks(item: () => void): void {
    for (let count = this.long(); count !== 0; count = this.long()) {
      const size = count < 0 ? this.long() : undefined
      const start = this.at
      this.spend(Math.abs(count))
      for (let left = Math.abs(count); left > 0; left--) item()
      // avsc jumps by this size when it skips a block: a lie would make it read elsewhere than we looked.
      if (size !== undefined && this.at - start !== size) this.malformed('block size')
    }
  }

  spend(values: number): void {
    this.values += values
    if (this.values > this.limits.values) this.overBudget('values', this.limits.values)
  }

  within(walk: () => void): void {
    if (++this.depth > this.limits.depth) this.overBudget('levels', this.limits.depth)
    walk()
    this.depth--
  }

  end(): void {
    if (this.at !== this.bytes.length) this.malformed('end')
  }

  private byte(): number {
    return this.bytes[this.at++] ?? this.malformed('end')
  }

  private malformed(what: string): never {
    throw new HubError('contract.bytes-malformed', { what, at: this.at })
  }

  private overBudget(what: string, limit: number): never {
    throw new HubError('contract.bytes-over-budget', { what, limit })
  }
}
