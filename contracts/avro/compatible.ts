import { HubError } from '../errors.ts'
import { mismatches, type Mismatch } from './resolution.ts'
import type { AvroSchema } from './schema.ts'

/** How far old and new versions of a contract understand each other; the transitive ones look at the whole history. */
export const compatibilityLevels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const
export type CompatibilityLevel = (typeof compatibilityLevels)[number]

export function isCompatibilityLevel(level: unknown): level is CompatibilityLevel {
  return compatibilityLevels.some((one) => one === level)
}

/** One thing that stops one version from reading what another wrote. Versions count from 1 in the order of release. */
export interface Break {
  readonly path: string
  readonly rule: Mismatch['rule']
  readonly reader: number
  readonly writer: number
  /** Who is hurt: consumers that have not upgraded yet, or the new version when it reads what was already written. */
  readonly whom: 'old consumers' | 'new readers of old events'
  readonly error: HubError
}

/**
 * Everything that `newer` breaks, given the released versions, oldest first (one schema is a history of one).
 * An empty answer means: the level holds.
 */
export function compatible(
  older: AvroSchema | readonly AvroSchema[],
  newer: AvroSchema,
  level: CompatibilityLevel,
): Break[] {
  const history = 'kind' in older ? [older] : older
  const next = { schema: newer, version: history.length + 1 }
  const versions = history.map((schema, index) => ({ schema, version: index + 1 }))
  const compared = level.endsWith('_TRANSITIVE') ? versions : versions.slice(-1)
  const backward = level.startsWith('BACKWARD') || level.startsWith('FULL')
  const forward = level.startsWith('FORWARD') || level.startsWith('FULL')
  return compared.flatMap((old) => [
    ...(backward ? breaks(next, old, 'new readers of old events') : []),
    ...(forward ? breaks(old, next, 'old consumers') : []),
  ])
}

/** Whom breaks hurt, in words: consumers by the version they read with, readers of the new version, the flows that are known. */
export function readersHurt(found: readonly Pick<Break, 'whom' | 'reader'>[], flows: readonly string[]): string[] {
  const old = found.flatMap(({ whom, reader }) => (whom === 'old consumers' ? [reader] : []))
  const isReadAnew = found.some(({ whom }) => whom !== 'old consumers')
  return [
    ...[...new Set(old)].map((version) => `consumers that read with version ${version}`),
    ...(isReadAnew ? ['whoever reads older events with the new version'] : []),
    ...flows.map((flow) => `flow ${flow}`),
  ]
}

interface Version {
  readonly schema: AvroSchema
  readonly version: number
}

function breaks(reader: Version, writer: Version, whom: Break['whom']): Break[] {
  return mismatches(reader.schema, writer.schema).map(({ path, rule, expected, got }) => ({
    path,
    rule,
    whom,
    reader: reader.version,
    writer: writer.version,
    error: new HubError(`contract.break-${rule}`, {
      path: path || '(root)',
      expected,
      got,
      reader: reader.version,
      writer: writer.version,
    }),
  }))
}
