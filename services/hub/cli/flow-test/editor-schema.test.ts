import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeToPlain, readYaml } from '@shuniu/infra/config'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { example } from '../testing.ts'
import { generateTestSchema } from './editor-schema.ts'

interface Schema {
  readonly $comment?: string
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly description?: string
}

const [path, text] = generateTestSchema()
const schema = JSON.parse(text) as Schema

describe('the schema of files of tests, for editors', () => {
  it('lies beside those of the other files and says how to use it', () => {
    expect(path).toBe('docs/schemas/test.schema.json')
    expect(schema.$comment).toContain('tests/NAME.test.yaml: # yaml-language-server: $schema=')
  })

  it('asks for the keys that the reader asks for, and for no others', () => {
    expect(schema.required).toEqual(['flow', 'cases'])
    expect(schema.properties?.['cases']?.items?.required).toEqual(['name', 'expect'])
  })

  it('takes the shipped tests and refuses a key nobody knows', () => {
    const reader = z.fromJSONSchema(JSON.parse(text))
    const read = (written: string): boolean => {
      const { node } = readYaml(written, 'tests/a.test.yaml')
      return reader.safeParse(node && nodeToPlain(node)).success
    }
    const shipped = readFileSync(join(example, 'tests/payment-to-voucher.test.yaml'), 'utf8')
    expect(read(shipped)).toBe(true)
    expect(read(`${shipped}flwo: x\n`)).toBe(false)
  })

  it('explains each key to the person who writes it', () => {
    const [file, one] = [schema, schema.properties?.['cases']?.items]
    for (const { properties } of [file, one, one?.properties?.['expect']].filter((part) => part !== undefined)) {
      expect(Object.keys(properties ?? {}).length).toBeGreaterThan(3)
      for (const [key, part] of Object.entries(properties ?? {})) expect(part.description, key).toMatch(/\S{3,}/)
    }
  })
})
