/** What a schema may cost before it is refused (reliability: schemas of strangers reach the registry). */
export const schemaLimits = { bytes: 65_536, depth: 32, fields: 1_000, precision: 76 } as const

/** What the bytes of one event may cost. Nothing is allocated for bytes that exceed it. */
export interface DecodeLimits {
  /** Length of the payload. */
  readonly bytes: number
  /** Values in it: fields and items of lists and maps, also those that take no bytes. */
  readonly values: number
  /** Records, lists and maps within each other. */
  readonly depth: number
}

export const decodeLimits: DecodeLimits = { bytes: 1_048_576, values: 200_000, depth: 64 }
