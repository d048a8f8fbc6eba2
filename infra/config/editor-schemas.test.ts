import { describe, expect, it } from 'vitest'
import { generateSchemas } from './editor-schemas.ts'
import { stepShapes } from './step.ts'

interface Schema {
  readonly $ref?: string
  readonly $comment?: string
  readonly description?: string
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly definitions?: Readonly<Record<string, Schema>>
  readonly oneOf?: readonly Schema[]
  readonly additionalProperties?: unknown
}

function schemaOf(name: string): Schema {
  const text = generateSchemas().get(`docs/schemas/${name}.schema.json`)
  const schema: Schema = JSON.parse(text ?? '{}')
  return schema
}

function everyRef(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]) => (key === '$ref' ? [String(value)] : everyRef(value)))
}

describe('schemas for editors', () => {
  it('exist for each file that people write, and say how to use them', () => {
    expect([...generateSchemas().keys()]).toEqual([
      'docs/schemas/hub.schema.json',
      'docs/schemas/connection.schema.json',
      'docs/schemas/forms.schema.json',
      'docs/schemas/flow.schema.json',
    ])
    expect(schemaOf('flow').$comment).toContain('# yaml-language-server: $schema=')
  })

  it('ask for the keys that the reader asks for, and for no others', () => {
    expect(schemaOf('flow').required).toEqual(['flow', 'on', 'since', 'steps'])
    expect(schemaOf('connection').required).toEqual(['connection', 'connector', 'settings'])
    expect(schemaOf('hub').required).toEqual(['name'])
    expect(schemaOf('flow').definitions?.['call-step']?.required).toEqual(['name', 'call', 'with'])
    expect(schemaOf('flow').definitions?.['each-step']?.required).toEqual(['each', 'by', 'steps'])
  })

  it('know each kind of step', () => {
    const { definitions } = schemaOf('flow')
    expect(definitions?.['step']?.oneOf?.map(({ $ref }) => $ref)).toEqual(
      Object.keys(stepShapes).map((kind) => `#/definitions/${kind}-step`),
    )
    expect(definitions?.['call-step']?.additionalProperties).toBe(false)
  })

  it.each(['hub', 'connection', 'forms', 'flow'])('point nowhere outside themselves: %s', (name) => {
    const schema = schemaOf(name)
    const targets = everyRef(schema).map((ref) => ref.replace('#/definitions/', ''))
    for (const target of targets) expect(Object.keys(schema.definitions ?? {})).toContain(target)
  })

  it('explain each key of a flow and of a step to the person who writes it', () => {
    const flow = schemaOf('flow')
    const steps = Object.keys(stepShapes).map((kind) => flow.definitions?.[`${kind}-step`])
    for (const { properties } of [flow, ...steps].filter((one) => one !== undefined)) {
      for (const [key, part] of Object.entries(properties ?? {})) {
        expect(part.description, key).toMatch(/\S{3,}/)
      }
    }
  })

  it('are the same each time they are made', () => {
    expect([...generateSchemas()]).toEqual([...generateSchemas()])
  })
})
