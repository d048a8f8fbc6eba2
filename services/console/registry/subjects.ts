import {
  compatible,
  HubError,
  meaningOf,
  parseSchemaText,
  schemaGuid,
  schemaNumber,
  type AvroSchema,
  type Break,
  type CompatibilityLevel,
} from '@shuniu/contracts'
import { commitAudited, type Change, type Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'

/** One version of a subject, with its schema. */
export interface Version {
  readonly subject: string
  readonly version: number
  readonly id: number
  readonly guid: string
  /** The text of the schema, without blanks. */
  readonly schema: string
  readonly deleted: boolean
}

/** Which versions are meant: those that are there, or those that were deleted, but not for good, as well. */
export type Hidden = 'without deleted' | 'with deleted' | 'only deleted'

/** A schema that somebody handed over, understood. */
export interface Given {
  readonly text: string
  readonly schema: AvroSchema
}

export interface RegistryGround {
  readonly store: Store
  readonly clock: Clock
}

/** Reads what was handed over as a schema. Throws `registry.invalid-schema` with every reason. */
export function readSchema(written: string): Given {
  const { schema, problems } = parseSchemaText(written)
  if (schema) return { text: JSON.stringify(JSON.parse(written)), schema }
  throw new HubError('registry.invalid-schema', { why: problems.map(({ error }) => error.message).join(' ') })
}

/** The subjects of the registry and their versions, in the store. A schema that was ever there can be read for ever. */
export class Subjects {
  constructor(private readonly ground: RegistryGround) {}

  /** The text of a schema by its number; undefined when nobody ever registered or wrote with it. */
  async textOf(id: number): Promise<string | undefined> {
    const [row] = await this.ground.store.select('schemas', { number: id })
    return row?.text
  }

  async names(prefix: string, hidden: Hidden): Promise<string[]> {
    const rows = await this.ground.store.select('subjects', { deleted: states[hidden] }, { order: { by: 'id' } })
    const names = rows.map(({ subject }) => subject).filter((subject) => subject.startsWith(prefix))
    return [...new Set(names)].toSorted()
  }

  /** All versions of a subject, oldest first; of all subjects without one. */
  async versions(subject: string | undefined, hidden: Hidden = 'without deleted'): Promise<Version[]> {
    const where = { deleted: states[hidden], ...(subject === undefined ? {} : { subject }) }
    return this.withSchemas(await this.ground.store.select('subjects', where, { order: { by: 'id' } }))
  }

  /** Where a schema is registered. */
  async uses(id: number, hidden: Hidden): Promise<Version[]> {
    const rows = await this.ground.store.select('subjects', { number: id, deleted: states[hidden] })
    return this.withSchemas(rows)
  }

  /** The number of the next version: none is given twice, not even after a version was taken away for good. */
  async next(subject: string): Promise<number> {
    const { store } = this.ground
    const [last] = await store.select('subjects', { subject }, { order: { by: 'version', down: true }, limit: 1 })
    return (last?.version ?? 0) + 1
  }

  /**
   * Adds a version under a number that was asked for before the others were looked at; undefined when somebody else has
   * taken it since. Throws `registry.collision`, `registry.not-kept`.
   */
  async add(subject: string, version: number, { text }: Given, actor: string): Promise<Version | undefined> {
    const number = schemaNumber(text)
    const known = await this.textOf(number)
    if (known !== undefined && known !== text) throw new HubError('registry.collision', { id: number })
    const done = await this.commit(subject, `version ${version}`, actor, [
      { insert: 'schemas', row: { number, type: subject, text }, orSkip: true },
      { insert: 'subjects', row: { subject, version, number, deleted: 0 }, ifAbsent: true },
    ])
    return done ? { subject, version, id: number, guid: schemaGuid(text), schema: text, deleted: false } : undefined
  }

  /** Hides versions, or takes hidden ones away for good; their schemas stay readable by id. */
  async remove(subject: string, versions: readonly number[], forGood: boolean, actor: string): Promise<void> {
    const where = { subject, version: versions, deleted: forGood ? 1 : 0 }
    const set = { deleted: forGood ? 2 : 1 }
    const what = `delete ${versions.join(', ')}${forGood ? ' for good' : ''}`
    await this.commit(subject, what, actor, [{ update: 'subjects', where, set, many: true, orSkip: true }])
  }

  private async commit(subject: string, detail: string, actor: string, changes: readonly Change[]): Promise<boolean> {
    const line = { actor, action: 'registry', target: subject, reason: '', detail }
    const outcome = await commitAudited(this.ground, line, changes)
    if (outcome === 'stale') throw new HubError('registry.not-kept')
    return outcome === 'done'
  }

  private async withSchemas(
    rows: readonly { subject: string; version: number; number: number; deleted: number }[],
  ): Promise<Version[]> {
    const number = [...new Set(rows.map((row) => row.number))]
    const schemas = number.length === 0 ? [] : await this.ground.store.select('schemas', { number })
    const texts = new Map(schemas.map((row) => [row.number, row.text]))
    return rows.map(({ subject, version, number: id, deleted }) => {
      const schema = texts.get(id) ?? ''
      return { subject, version, id, guid: schemaGuid(schema), schema, deleted: deleted > 0 }
    })
  }
}

const states: Record<Hidden, number[]> = { 'without deleted': [0], 'with deleted': [0, 1], 'only deleted': [1] }

/** The version with this schema: to the letter, or if `byMeaning` one that writes and reads the same bytes. */
export function sameAs({ text, schema }: Given, versions: readonly Version[], byMeaning: boolean): Version | undefined {
  const exact = versions.findLast((one) => one.schema === text)
  if (exact || !byMeaning) return exact
  const meaning = meaningOf(schema)
  return versions.findLast((one) => meaningOf(readSchema(one.schema).schema) === meaning)
}

/** What a new schema breaks, with the real numbers of the versions it is compared with. */
export function breaksOf({ schema }: Given, versions: readonly Version[], level: CompatibilityLevel): Break[] {
  const next = (versions.at(-1)?.version ?? 0) + 1
  const numberOf = (place: number): number => versions[place - 1]?.version ?? next
  const history = versions.map((one) => readSchema(one.schema).schema)
  return compatible(history, schema, level).map((one) => {
    const [reader, writer] = [numberOf(one.reader), numberOf(one.writer)]
    const { code, parameters } = one.error
    return { ...one, reader, writer, error: new HubError(code, { ...parameters, reader, writer }) }
  })
}
