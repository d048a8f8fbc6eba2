import { z } from 'zod'
import { connectionShape } from './connection-file.ts'
import { flowShape } from './flow-file.ts'
import { formsShape } from './forms-file.ts'
import { hubShape } from './hub-file.ts'
import { stepShapes } from './step.ts'

/** A file of a project as editors know it: how it is written, and where it lies. */
export interface EditorFile {
  readonly shape: z.ZodType
  readonly title: string
  readonly where: string
  /** The folder that declares it. */
  readonly from: string
}

const from = 'infra/config'
const files: Readonly<Record<string, EditorFile>> = {
  hub: { shape: hubShape, title: 'hub.yaml', where: 'hub.yaml', from },
  connection: { shape: connectionShape, title: 'A connection', where: 'connections/NAME.yaml', from },
  forms: { shape: formsShape, title: 'The forms of a connection', where: 'connections/NAME.forms.yaml', from },
  flow: { shape: flowShape, title: 'A flow', where: 'flows/NAME.yaml', from },
}

/** The part of JSON Schema that is put together here. */
interface JsonSchema {
  readonly [key: string]: unknown
  readonly definitions?: Readonly<Record<string, JsonSchema>>
}

/**
 * JSON Schemas of the project's files for editors, by path in the repository, made of the declarations that read the files.
 * An editor with the YAML language server uses one when the file begins with the line
 * `# yaml-language-server: $schema=<path or address of docs/schemas/flow.schema.json>`.
 */
export function generateSchemas(): Map<string, string> {
  return new Map(Object.entries(files).map(([name, file]) => editorSchema(name, file)))
}

/** Path in the repository and text of one. */
export function editorSchema(name: string, { shape, title, where, from: declaredIn }: EditorFile): [string, string] {
  const comment = `Generated from ${declaredIn}. Use in ${where}: # yaml-language-server: $schema=<this file>`
  const schema = { ...withSteps(toJson(shape)), title, $comment: comment }
  return [`docs/schemas/${name}.schema.json`, `${JSON.stringify(schema, undefined, 2)}\n`]
}

function toJson(shape: z.ZodType): JsonSchema {
  return { ...z.toJSONSchema(shape, { io: 'input', target: 'draft-7', unrepresentable: 'any', override: requireAll }) }
}

/** A part with expressions may be anything, which zod takes for "may be left out"; the declaration knows better. */
function requireAll({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes
  jsonSchema: z.core.JSONSchema.BaseSchema
}): void {
  if (!(zodSchema instanceof z.ZodObject)) return
  const shape: Readonly<Record<string, z.core.$ZodType>> = zodSchema.shape
  const keys = Object.entries(shape).filter(([, part]) => !isOptional(part))
  jsonSchema.required = keys.map(([key]) => key)
}

const optionals = [z.ZodOptional, z.ZodDefault, z.ZodPrefault]

const isOptional = (part: z.core.$ZodType): boolean => optionals.some((type) => part instanceof type)

/** A step is read by the shape of its kind, which zod cannot show: here the kinds are put in. */
function withSteps(schema: JsonSchema): JsonSchema {
  if (!schema.definitions?.['step']) return schema
  const kinds = Object.entries(stepShapes).map(([kind, shape]): [string, JsonSchema] => {
    const { type, properties, required, additionalProperties } = toJson(shape)
    return [`${kind}-step`, { type, properties, required, additionalProperties }]
  })
  const step = { type: 'object', oneOf: kinds.map(([name]) => ({ $ref: `#/definitions/${name}` })) }
  return { ...schema, definitions: { ...schema.definitions, ...Object.fromEntries(kinds), step } }
}
