import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HubError } from '../errors.ts'
import { avscType } from './avsc.ts'
import { decodeLimits } from './limits.ts'
import { measure } from './measure.ts'
import { parseSchema } from './parse.ts'
import type { AvroSchema } from './schema.ts'

function schemaOf(json: unknown): AvroSchema {
  const { schema, problems } = parseSchema(json)
  if (!schema) throw new Error(problems.map((one) => one.error.message).join('\n'))
  return schema
}

function verdict(json: unknown, bytes: Uint8Array, limits = decodeLimits): string {
  try {
    measure(schemaOf(json))(bytes, limits)
    return 'fine'
  } catch (error) {
    if (error instanceof HubError) return `${error.code} ${String(error.parameters['what'])}`
    throw error
  }
}

const list = (items: unknown): object => ({ type: 'array', items })
const chain = { type: 'record', name: 'C', fields: [{ name: 'next', type: ['null', 'C'] }] }
const empty = { type: 'record', name: 'E', fields: [] }
const enumeration = { type: 'enum', name: 'E', symbols: ['A', 'B'] }

describe('bytes that lie are refused before anything is allocated', () => {
  test.each<[string, unknown, string, string]>([
    ['G02 a text of 2 GB', 'string', 'feffffff0f', 'malformed length'],
    ['G02 a text of negative length', 'string', '03', 'malformed length'],
    ['G02 bytes longer than what is left', 'bytes', '0841', 'malformed length'],
    ['G02 a varint of 11 bytes', 'long', '8080808080808080808001', 'malformed varint'],
    ['G02 a varint of more than 64 bits', 'long', 'ffffffffffffffffff02', 'malformed varint'],
    ['an int beyond 32 bits', 'int', '8080808010', 'malformed int'],
    ['G04 a block that lies about its size', list('int'), '0104020000', 'malformed block size'],
    ['G04 a block whose size is negative', list('int'), '01010200', 'malformed block size'],
    ['a list of 2^31 nothings', list('null'), '808080801000', 'over-budget values'],
    ['a list of 2^62 nothings', list('null'), 'ffffffffffffffff7f00', 'over-budget values'],
    ['a list of 100,001 records of nothing', list(empty), 'c29a0c', 'over-budget values'],
    ['a list that ends too early', list('int'), '0402', 'malformed end'],
    ['G08 a branch that does not exist', ['null', 'int'], '0402', 'malformed index'],
    ['G08 a negative branch', ['null', 'int'], '0102', 'malformed index'],
    ['G08 a symbol that does not exist', enumeration, '04', 'malformed index'],
    ['a boolean that is neither', 'boolean', '02', 'malformed boolean'],
    ['a text that is not UTF-8', 'string', '04c328', 'malformed UTF-8'],
    ['half a surrogate pair', 'string', '06eda080', 'malformed UTF-8'],
    ['bytes after the end', 'int', '0200', 'malformed end'],
    ['nothing at all', 'int', '', 'malformed end'],
    ['half a double', 'double', '00000000', 'malformed length'],
  ])('%s', (_, json, hex, expected) => {
    expect(verdict(json, Buffer.from(hex, 'hex'))).toBe(`contract.bytes-${expected}`)
  })

  test('G03 a recursive record 200,000 deep', () => {
    expect(verdict(chain, Buffer.alloc(200_001, 2).fill(0, 200_000))).toBe('contract.bytes-over-budget levels')
    expect(verdict(chain, Buffer.alloc(64, 2).fill(0, 63))).toBe('fine')
  })

  test('more bytes than the limit are not looked at', () => {
    expect(verdict('bytes', Buffer.alloc(decodeLimits.bytes + 1))).toBe('contract.bytes-over-budget bytes')
  })

  test('an honest block with its size is fine', () => {
    expect(verdict(list('int'), Buffer.from('0304020400', 'hex'))).toBe('fine')
  })
})

/** Any schema that avsc can hold, as JSON; named types get their number as name. */
const anySchema: fc.Arbitrary<unknown> = fc
  .letrec<{ type: unknown }>((tie) => ({
    type: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'),
      tie('type').map((items) => ({ type: 'array', items })),
      tie('type').map((values) => ({ type: 'map', values })),
      fc.uniqueArray(fc.constantFrom('null', 'boolean', 'int', 'double', 'string', 'bytes'), { minLength: 1 }),
      fc.integer({ min: 0, max: 9 }).map((size) => ({ type: 'fixed', size })),
      fc.constant({ type: 'enum', symbols: ['A', 'B', 'C'] }),
      fc.array(tie('type'), { maxLength: 4 }).map((types) => ({
        type: 'record',
        fields: types.map((type, n) => ({ name: `f${n}`, type })),
      })),
    ),
  }))
  .type.map(named)

function named(json: unknown): unknown {
  let count = 0
  return JSON.parse(JSON.stringify(json), (_, value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    ['fixed', 'enum', 'record'].includes(String(value.type))
      ? { ...value, name: `N${count++}` }
      : value,
  )
}

/** Hits of every kind: what avsc wrote, then damaged a little or not. */
const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 })

test('what passes is read by avsc to the last byte, and what avsc wrote passes', () => {
  fc.assert(
    fc.property(anySchema, damage, (json, hits) => {
      const schema = schemaOf(json)
      const type = avscType(schema, 'reader')
      const bytes = type.toBuffer(type.random())
      expect(verdict(json, bytes)).toBe('fine')
      for (const [at, byte] of hits) if (bytes.length > 0) bytes[at % bytes.length] = byte
      if (verdict(json, bytes) === 'fine') expect(() => type.fromBuffer(bytes)).not.toThrow()
    }),
    { numRuns: 500 },
  )
})

test('random bytes under any schema end in a verdict, never in a crash', () => {
  fc.assert(
    fc.property(anySchema, fc.uint8Array({ maxLength: 64 }), (json, bytes) => {
      expect(verdict(json, bytes)).toMatch(/^(fine|contract\.bytes-)/)
    }),
    { numRuns: 500 },
  )
})
