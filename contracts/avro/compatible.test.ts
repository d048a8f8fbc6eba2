import { describe, expect, test } from 'vitest'
import { avscResolver, avscType } from './avsc.ts'
import { compatible, type CompatibilityLevel } from './compatible.ts'
import { parseSchema } from './parse.ts'
import { mismatches, type Mismatch } from './resolution.ts'
import type { AvroSchema } from './schema.ts'

function schemaOf(json: unknown): AvroSchema {
  const { schema, problems } = parseSchema(json)
  if (!schema) throw new Error(problems.map((one) => one.error.message).join('\n'))
  return schema
}

const record = (name: string, ...fields: object[]): object => ({ type: 'record', name, fields })
const field = (name: string, type: unknown, more: object = {}): object => ({ name, type, ...more })
const list = (items: unknown): object => ({ type: 'array', items })
const map = (values: unknown): object => ({ type: 'map', values })
const enumeration = (name: string, symbols: string[], more: object = {}): object => ({
  type: 'enum',
  name,
  symbols,
  ...more,
})
const fixed = (name: string, size: number, more: object = {}): object => ({ type: 'fixed', name, size, ...more })
const decimal = (precision: number, scale: number): object => ({
  type: 'bytes',
  logicalType: 'decimal',
  precision,
  scale,
})
const date = { type: 'int', logicalType: 'date' }
const instant = { type: 'long', logicalType: 'timestamp-millis' }
const chain = (type: string): object => record('Chain', field('head', type), field('tail', list('Chain')))

/** [reader, writer]: the rules of the specification's schema resolution, one or more lines each. */
const readable: [string, unknown, unknown][] = [
  ...['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'].map(
    (kind): [string, unknown, unknown] => [`the same primitive: ${kind}`, kind, kind],
  ),
  ['int is promoted to long', 'long', 'int'],
  ['int is promoted to float', 'float', 'int'],
  ['int is promoted to double', 'double', 'int'],
  ['long is promoted to float', 'float', 'long'],
  ['long is promoted to double', 'double', 'long'],
  ['float is promoted to double', 'double', 'float'],
  ['string is promoted to bytes', 'bytes', 'string'],
  ['bytes are promoted to string', 'string', 'bytes'],
  ['lists whose items match', list('long'), list('int')],
  ['maps whose values match', map('double'), map('float')],
  ['a fixed of the same name and size', fixed('F', 4), fixed('F', 4)],
  ['a fixed in another namespace', fixed('a.F', 4), fixed('b.F', 4)],
  ['an enum with more symbols', enumeration('E', ['A', 'B', 'C']), enumeration('E', ['A', 'B'])],
  ['an enum in another order', enumeration('E', ['B', 'A']), enumeration('E', ['A', 'B'])],
  ['an enum with a default', enumeration('E', ['A', 'B'], { default: 'A' }), enumeration('E', ['B', 'C'])],
  ['an enum found by alias', enumeration('E', ['A'], { aliases: ['D'] }), enumeration('D', ['A'])],
  ['a record in another namespace', record('a.R', field('x', 'int')), record('b.R', field('x', 'int'))],
  [
    'fields in another order',
    record('R', field('x', 'int'), field('y', 'int')),
    record('R', field('y', 'int'), field('x', 'int')),
  ],
  ['a field that the reader does not want', record('R'), record('R', field('x', 'int'))],
  ['a missing field with a default', record('R', field('x', 'int', { default: 1 })), record('R')],
  ['a missing optional field', record('R', field('x', ['null', 'int'], { default: null })), record('R')],
  ['a field found by alias', record('R', field('x', 'int', { aliases: ['y'] })), record('R', field('y', 'int'))],
  ['a record found by alias', { ...record('R'), aliases: ['Q'] }, record('Q')],
  ['a promoted field', record('R', field('x', 'long')), record('R', field('x', 'int'))],
  ['a type that became optional', ['null', 'string'], 'string'],
  ['a union of one', 'int', ['int']],
  ['a union whose branches all are readable', 'long', ['int', 'long']],
  ['a union with more branches', ['null', 'int', 'string'], ['int', 'null']],
  ['a union with a promoted branch', ['null', 'double'], ['null', 'int']],
  ['a union that holds the record', ['null', record('R', field('x', 'int'))], record('R', field('x', 'int'))],
  ['a recursive record', chain('long'), chain('int')],
  ['the same decimal', decimal(20, 4), decimal(20, 4)],
  ['the same date', date, date],
  ['an unknown logical type is its underlying type', 'string', { type: 'string', logicalType: 'uuid' }],
]

const unreadable: [string, unknown, unknown, Mismatch['rule'], string][] = [
  ['null is no int', 'int', 'null', 'type', ''],
  ['long is not narrowed to int', 'int', 'long', 'type', ''],
  ['float is not narrowed to long', 'long', 'float', 'type', ''],
  ['double is not narrowed to float', 'float', 'double', 'type', ''],
  ['int is no boolean', 'boolean', 'int', 'type', ''],
  ['int is no string', 'string', 'int', 'type', ''],
  ['bytes are no fixed', fixed('F', 4), 'bytes', 'type', ''],
  ['an enum is no string', 'string', enumeration('E', ['A']), 'type', ''],
  ['a list is no map', map('int'), list('int'), 'type', ''],
  ['a list of other items', list('int'), list('long'), 'type', '[]'],
  ['a map of other values', map('int'), map('string'), 'type', '{}'],
  ['a fixed of another size', fixed('F', 8), fixed('F', 4), 'size', ''],
  ['a fixed of another name', fixed('F', 4), fixed('G', 4), 'name', ''],
  ['an enum of another name', enumeration('E', ['A']), enumeration('D', ['A']), 'name', ''],
  ['an enum without a symbol', enumeration('E', ['A', 'B']), enumeration('E', ['A', 'C']), 'symbols', ''],
  ['a record of another name', record('R'), record('Q'), 'name', ''],
  ['a missing field without default', record('R', field('x', 'int')), record('R'), 'field', 'x'],
  [
    'an alias helps the reader only',
    record('R', field('x', 'int')),
    record('R', field('y', 'int', { aliases: ['x'] })),
    'field',
    'x',
  ],
  [
    'two fields for one',
    record('R', field('x', 'int', { aliases: ['y'] })),
    record('R', field('x', 'int'), field('y', 'int')),
    'alias',
    'x',
  ],
  ['a field of another type', record('R', field('x', 'int')), record('R', field('x', 'string')), 'type', 'x'],
  [
    'a field deep inside',
    record('R', field('xs', list(record('X', field('y', 'int'))))),
    record('R', field('xs', list(record('X', field('y', 'string'))))),
    'type',
    'xs[].y',
  ],
  ['a type that may now be null', 'string', ['null', 'string'], 'type', ''],
  ['a branch that is gone', ['null', 'int'], ['null', 'int', 'string'], 'branch', ''],
  ['no branch for it', ['int', 'long'], 'string', 'branch', ''],
  [
    'a record inside a union',
    ['null', record('R', field('x', 'int'))],
    ['null', record('R', field('x', 'string'))],
    'type',
    'x',
  ],
  ['a recursive record', chain('int'), chain('long'), 'type', 'head'],
  ['a decimal of another scale', decimal(20, 2), decimal(20, 4), 'logical', ''],
  ['a decimal of another precision', decimal(20, 4), decimal(18, 4), 'logical', ''],
  ['a decimal that was bytes', decimal(20, 4), 'bytes', 'logical', ''],
  ['a decimal that was text', decimal(20, 4), 'string', 'logical', ''],
  ['a date that was a number', date, 'int', 'logical', ''],
  ['a number that was a date', 'long', date, 'logical', ''],
  ['an instant that was a date', instant, date, 'logical', ''],
]

describe('the rules of schema resolution', () => {
  test.each(readable)('readable: %s', (_, reader, writer) => {
    expect(mismatches(schemaOf(reader), schemaOf(writer))).toEqual([])
  })

  test.each(readable)('avsc agrees: %s', (_, reader, writer) => {
    const resolve = (): unknown =>
      avscResolver(avscType(schemaOf(reader), 'reader'), avscType(schemaOf(writer), 'writer'))
    expect(resolve).not.toThrow()
  })

  test.each(unreadable)('not readable: %s', (_, reader, writer, rule, path) => {
    expect(mismatches(schemaOf(reader), schemaOf(writer))).toMatchObject([{ rule, path }])
  })

  test.each(unreadable.filter(([, , , rule]) => rule !== 'logical'))('avsc agrees: %s', (_, reader, writer) => {
    const resolve = (): unknown =>
      avscResolver(avscType(schemaOf(reader), 'reader'), avscType(schemaOf(writer), 'writer'))
    expect(resolve).toThrow()
  })

  test('every field that breaks is named, not only the first', () => {
    const reader = record('R', field('a', 'int'), field('b', 'int'), field('c', 'int'))
    const writer = record('R', field('a', 'string'), field('c', 'boolean'))
    expect(mismatches(schemaOf(reader), schemaOf(writer)).map(({ path, rule }) => `${path} ${rule}`)).toEqual([
      'a type',
      'b field',
      'c type',
    ])
  })
})

const hurt = (older: AvroSchema | AvroSchema[], newer: AvroSchema, level: CompatibilityLevel): string[] =>
  compatible(older, newer, level).map(
    ({ whom, path, reader, writer }) => `${whom}: ${path} (${reader} reads ${writer})`,
  )

describe('levels', () => {
  const one = schemaOf(record('R', field('id', 'string')))
  const withRequired = schemaOf(record('R', field('id', 'string'), field('x', 'int')))
  const withOptional = schemaOf(record('R', field('id', 'string'), field('x', ['null', 'int'], { default: null })))
  test.each<[CompatibilityLevel, string[]]>([
    ['NONE', []],
    ['FORWARD', []],
    ['BACKWARD', ['new readers of old events: x (2 reads 1)']],
    ['FULL', ['new readers of old events: x (2 reads 1)']],
  ])('a new required field under %s', (level, expected) => {
    expect(hurt(one, withRequired, level)).toEqual(expected)
  })

  test.each<[CompatibilityLevel, string[]]>([
    ['NONE', []],
    ['BACKWARD', []],
    ['FORWARD', ['old consumers: x (1 reads 2)']],
    ['FULL', ['old consumers: x (1 reads 2)']],
  ])('a required field that is removed under %s', (level, expected) => {
    expect(hurt(withRequired, one, level)).toEqual(expected)
  })

  test('an optional field may come and go under FULL_TRANSITIVE', () => {
    expect(hurt([one, withOptional], one, 'FULL_TRANSITIVE')).toEqual([])
    expect(hurt([one], withOptional, 'FULL_TRANSITIVE')).toEqual([])
  })

  test('only the transitive levels look behind the last version', () => {
    const text = schemaOf(record('R', field('id', 'string'), field('x', ['null', 'string'], { default: null })))
    const history = [withOptional, one]
    expect(hurt(history, text, 'FULL')).toEqual([])
    expect(hurt(history, text, 'FULL_TRANSITIVE')).toEqual([
      'new readers of old events: x (3 reads 1)',
      'old consumers: x (1 reads 3)',
    ])
  })

  test('the error says what breaks, where and between which versions', () => {
    const [first] = compatible(one, withRequired, 'BACKWARD')
    expect(first?.error.code).toBe('contract.break-field')
    expect(first?.error.message).toBe(
      'x: version 2 cannot read version 1, which lacks this field, and there is no default.',
    )
  })
})
