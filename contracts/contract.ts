import { isCompatibilityLevel, type CompatibilityLevel } from './avro/compatible.ts'
import { parseSchema, parseSchemaText } from './avro/parse.ts'
import { isJsonObject, type RecordSchema } from './avro/schema.ts'
import { HubError, problem, type Place, type Problem } from './errors.ts'
import type { Field, FieldType } from './field-type.ts'
import { fieldTypeOf, shapeOf, type RecordShape, type ShapeField } from './shape.ts'
import type { Text } from './words.ts'

/** What one event type promises: its data, its key, its owner, and how it may change. */
export interface Contract {
  /** Past tense, without the version: `approval.payment.approved`. */
  readonly type: string
  /** Where its events are: the type and the major version, `approval.payment.approved.v1`. */
  readonly topic: string
  readonly owner: string
  /** The field whose text keeps events in order. */
  readonly key: string
  /** The field that counts the changes of the document in its source; without one every event is revision 1. */
  readonly revision?: string
  readonly compatibility: CompatibilityLevel
  readonly visibility: 'public' | 'internal'
  readonly doc: Text
  readonly schema: RecordSchema
  readonly shape: RecordShape
  /** The fields for whoever checks types. */
  readonly fields: Readonly<Record<string, Field>>
  /** The schema as registries store it. */
  readonly text: string
}

export interface ParsedContract {
  readonly contract?: Contract
  readonly problems: readonly Problem[]
}

/** Reads one contract from the text of a file, within the limits for schemas. */
export function parseContractText(text: string): ParsedContract {
  const { schema, problems } = parseSchemaText(text)
  return schema ? parseContract(JSON.parse(text)) : { problems }
}

/** Reads one contract from the JSON of its schema; with every reason why it is none. Warnings leave it usable. */
export function parseContract(json: unknown): ParsedContract {
  const { schema, problems: ofSchema } = parseSchema(json)
  if (!schema) return { problems: ofSchema }
  if (schema.kind !== 'record') return { problems: [problem('contract.type', { path: '(root)', got: schema.kind })] }
  const problems: Problem[] = []
  const shape = shapeOf(schema, problems)
  const terms = readTerms(schema, shape, problems)
  if (!terms || problems.some((one) => one.severity === 'error')) return { problems }
  const type = fieldTypeOf(shape)
  const fields = type.kind === 'record' ? type.fields : {}
  return { contract: { ...terms, schema, shape, fields, text: JSON.stringify(json) }, problems }
}

type Terms = Omit<Contract, 'schema' | 'shape' | 'fields' | 'text'>

const TOPIC = /^([a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*){1,5})\.v[1-9]\d*$/

/** The attribute `shuniu` of the record: who answers for it, and the fields that the hub itself needs. */
function readTerms(schema: RecordSchema, shape: RecordShape, problems: Problem[]): Terms | undefined {
  const found = schema.attributes['shuniu']
  const given = isJsonObject(found) ? found : {}
  const { topic, owner, key, revision, compatibility, visibility } = given
  const report = (attribute: string, expected: string): undefined =>
    void problems.push(problem('contract.attribute', { attribute, expected }))

  const type = typeof topic === 'string' ? TOPIC.exec(topic)?.[1] : undefined
  if (typeof topic !== 'string' || !type) return report('topic', 'domain.entity.event.v1')
  if (typeof owner !== 'string' || owner === '') return report('owner', 'a team')
  if (typeof key !== 'string' || !hasField(shape, key, 'string')) return report('key', 'the name of a text field')
  if (revision !== undefined && (typeof revision !== 'string' || !hasField(shape, revision, 'integer'))) {
    return report('revision', 'the name of an int field')
  }
  if (!isCompatibilityLevel(compatibility)) return report('compatibility', 'FULL_TRANSITIVE')
  if (visibility !== 'public' && visibility !== 'internal') return report('visibility', 'public or internal')
  if (visibility === 'public' && compatibility !== 'FULL_TRANSITIVE') {
    return report('compatibility', 'FULL_TRANSITIVE')
  }
  const doc = { en: shape.doc, zh: String(schema.attributes['doc.zh'] ?? shape.doc) }
  return { type, topic, owner, key, compatibility, visibility, doc, ...(revision !== undefined && { revision }) }
}

function hasField(shape: RecordShape, name: string, kind: 'string' | 'integer'): boolean {
  return shape.fields.some((field: ShapeField) => field.name === name && field.shape.kind === kind)
}

/** Puts a problem of a contract to its file. */
export function inFile({ severity, error }: Problem, place: Place): Problem {
  return { severity, error: new HubError(error.code, error.parameters, { ...error.options, place }) }
}

/** What the data of a contract looks like to the checker of expressions. */
export function typeOfContract({ shape }: Contract): FieldType {
  return fieldTypeOf(shape)
}
