import { schemaLimits } from './limits.ts'
import type { JsonObject, Logical, PrimitiveKind } from './schema.ts'

/**
 * Reads `logicalType`. As the specification asks, one that is unknown or does not fit its type is ignored; it is kept
 * by name, because a contract may not have such a one.
 */
export function readLogical(
  kind: PrimitiveKind | 'fixed',
  json: JsonObject,
  size?: number,
): { logical?: Logical; ignoredLogical?: string } {
  const name = json['logicalType']
  if (name === undefined) return {}
  if (name === 'date' && kind === 'int') return { logical: { name } }
  if (name === 'timestamp-millis' && kind === 'long') return { logical: { name } }
  const decimal = name === 'decimal' && (kind === 'bytes' || kind === 'fixed') ? readDecimal(json, size) : undefined
  return decimal ? { logical: decimal } : { ignoredLogical: String(name).slice(0, 64) }
}

function readDecimal(json: JsonObject, size: number | undefined): Logical | undefined {
  const precision = json['precision']
  const scale = json['scale'] ?? 0
  if (typeof precision !== 'number' || !Number.isInteger(precision) || precision < 1) return undefined
  if (typeof scale !== 'number' || !Number.isInteger(scale) || scale < 0 || scale > precision) return undefined
  return precision > largestPrecision(size) ? undefined : { name: 'decimal', precision, scale }
}

/** How many digits always fit into so many bytes. */
function largestPrecision(size: number | undefined): number {
  if (size === undefined) return schemaLimits.precision
  return Math.min(schemaLimits.precision, Math.floor(Math.log10(2) * (8 * size - 1)))
}
