/** What a JSON text may be at most. Every limit has a default that fits a vendor's page of answers. */
export interface JsonLimits {
  /** Bytes of UTF-8; default 10 MiB. */
  readonly maxBytes?: number
  /** Objects and arrays inside one another; default 64. */
  readonly maxDepth?: number
  /** Members of all objects and arrays together; default 500,000. */
  readonly maxKeys?: number
  /** A key that stands twice in an object: refused (default), or the last one counts. */
  readonly duplicateKeys?: 'refuse' | 'last'
}

export const defaultLimits = {
  maxBytes: 10 * 1024 * 1024,
  maxDepth: 64,
  maxKeys: 500_000,
  duplicateKeys: 'refuse',
} as const satisfies Required<JsonLimits>

/** Characters of a number's source, and its largest exponent: beyond, a few bytes would become megabytes of digits. */
export const maxNumber = 400

/** How deep a value may be that we write; what is written can always be read again. */
export const maxWrittenDepth = 256
