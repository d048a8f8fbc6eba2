import { describe, expect, test } from 'vitest'
import { parseSchema, parseSchemaText } from './parse.ts'

const record = (...fields: object[]): object => ({ type: 'record', name: 'a.R', fields })
const fields = (count: number): object[] => Array.from({ length: count }, (_, n) => ({ name: `f${n}`, type: 'int' }))
const nested = (levels: number): unknown => (levels === 0 ? 'int' : { type: 'array', items: nested(levels - 1) })
const read = (json: object): unknown => parseSchema(json).schema
const codes = (json: unknown): string[] => parseSchema(json).problems.map((one) => one.error.code)

test('a schema of every kind is read, with names resolved in their namespace', () => {
  const { schema, problems } = parseSchema({
    type: 'record',
    name: 'Order',
    namespace: 'shop',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 4 } },
      { name: 'state', type: { type: 'enum', name: 'State', symbols: ['OPEN', 'DONE'], default: 'OPEN' } },
      { name: 'hash', type: { type: 'fixed', name: 'other.Hash', size: 16 } },
      { name: 'before', type: ['null', 'shop.State'], default: null },
      { name: 'parts', type: { type: 'array', items: ['null', 'Order'] } },
      { name: 'tags', type: { type: 'map', values: 'long' } },
    ],
  })
  expect(problems).toEqual([])
  if (schema?.kind !== 'record') throw new Error('no record')
  const [, amount, state, hash, before, parts] = schema.fields.map((field) => field.type)
  expect(amount).toMatchObject({ kind: 'bytes', logical: { name: 'decimal', precision: 20, scale: 4 } })
  expect(state).toMatchObject({ kind: 'enum', name: 'shop.State', default: 'OPEN' })
  expect(hash).toMatchObject({ kind: 'fixed', name: 'other.Hash', size: 16 })
  expect(before).toMatchObject({ kind: 'union', branches: [{ kind: 'null' }, { name: 'shop.State' }] })
  expect(parts).toMatchObject({ kind: 'array', items: { branches: [{ kind: 'null' }, {}] } })
  if (parts?.kind !== 'array' || parts.items.kind !== 'union') throw new Error('no list of unions')
  expect(parts.items.branches[1]).toBe(schema)
})

test('all problems are reported at once, each with its path', () => {
  const { problems } = parseSchema(
    record(
      { name: 'a b', type: 'int' },
      {
        name: 'list',
        type: { type: 'array', items: { type: 'record', name: 'L', fields: [{ name: 'x', type: 'money' }] } },
      },
      { name: 'size', type: { type: 'fixed', name: 'F', size: -1 } },
    ),
  )
  expect(problems.map((one) => [one.error.code, one.error.parameters['path']])).toEqual([
    ['schema.bad-name', '(root)'],
    ['schema.unknown-type', 'list[].x'],
    ['schema.attribute', 'size'],
  ])
})

describe('a dangerous or malformed schema is refused before anything is compiled (G06)', () => {
  test.each<[string, unknown, string]>([
    ['ten thousand fields', record(...fields(10_000)), 'schema.too-large'],
    ['more than 32 levels', nested(33), 'schema.too-large'],
    ['code in a field name', record({ name: 'a=alert(1)', type: 'int' }), 'schema.bad-name'],
    ['code in a type name', { type: 'record', name: 'R(){}', fields: [] }, 'schema.bad-name'],
    ['code in a namespace', { type: 'record', name: 'R', namespace: 'a.b;x', fields: [] }, 'schema.bad-name'],
    ['code in an enum symbol', { type: 'enum', name: 'E', symbols: ['A', 'b-c'] }, 'schema.attribute'],
    ['code in an alias', { type: 'record', name: 'R', aliases: ['x y'], fields: [] }, 'schema.attribute'],
    ['the field __proto__', record({ name: '__proto__', type: 'int' }), 'schema.bad-name'],
    ['the field constructor', record({ name: 'constructor', type: 'int' }), 'schema.bad-name'],
    ['a type named like a primitive', { type: 'fixed', name: 'a.int', size: 4 }, 'schema.bad-name'],
    ['a record that is its own alias', { type: 'record', name: 'a.R', aliases: ['R'], fields: [] }, 'schema.duplicate'],
    [
      'aliases in a circle',
      record(
        { name: 'x', type: { type: 'fixed', name: 'X', aliases: ['Y'], size: 1 } },
        { name: 'y', type: { type: 'fixed', name: 'Y', aliases: ['X'], size: 1 } },
      ),
      'schema.duplicate',
    ],
    [
      'fields that are aliases of each other',
      record({ name: 'x', aliases: ['y'], type: 'int' }, { name: 'y', aliases: ['x'], type: 'int' }),
      'schema.duplicate',
    ],
    ['a class to load', { type: 'string', 'java-class': 'java.net.URL' }, 'schema.attribute'],
    ['a class to load, on a field', record({ name: 'x', type: 'string', 'java-key-class': 'X' }), 'schema.attribute'],
    ['a type twice', record({ name: 'x', type: record() }), 'schema.duplicate'],
    ['a field twice', record({ name: 'x', type: 'int' }, { name: 'x', type: 'int' }), 'schema.duplicate'],
    ['a symbol twice', { type: 'enum', name: 'E', symbols: ['A', 'A'] }, 'schema.duplicate'],
    ['a default that is no symbol', { type: 'enum', name: 'E', symbols: ['A'], default: 'B' }, 'schema.attribute'],
    ['a union in a union', ['null', ['null', 'int']], 'schema.bad-union'],
    ['a union of nothing', [], 'schema.bad-union'],
    ['a branch twice', ['int', 'int'], 'schema.duplicate'],
    ['a record without fields', { type: 'record', name: 'R' }, 'schema.attribute'],
    ['a list of nothing', { type: 'array' }, 'schema.unknown-type'],
    ['an enormous fixed', { type: 'fixed', name: 'F', size: 2 ** 31 }, 'schema.attribute'],
    ['a number', 7, 'schema.unknown-type'],
    ['null', null, 'schema.unknown-type'],
  ])('%s', (_, json, code) => {
    expect(codes(json)).toContain(code)
  })

  test('more than 64 KB of text', () => {
    const text = JSON.stringify(record({ name: 'x', type: 'int', doc: 'x'.repeat(65_536) }))
    expect(parseSchemaText(text).problems[0]?.error.code).toBe('schema.too-large')
  })

  test('text that is not JSON', () => {
    expect(parseSchemaText('{"type": ').problems[0]?.error.code).toBe('schema.not-json')
    expect(parseSchemaText('['.repeat(60_000)).problems[0]?.error.code).toBe('schema.not-json')
  })
})

describe('a default belongs to the type of its field', () => {
  const dec = { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 }
  const inner = {
    type: 'record',
    name: 'I',
    fields: [
      { name: 'a', type: 'int' },
      { name: 'b', type: 'int', default: 1 },
    ],
  }
  const accepted: [unknown, unknown][] = [
    ['null', null],
    ['boolean', false],
    ['int', -2_147_483_648],
    ['long', Number.MAX_SAFE_INTEGER],
    ['float', 1.5],
    ['double', 1],
    ['string', ''],
    ['bytes', '\u00ff\u0000'],
    [dec, '\u0001'],
    [{ type: 'fixed', name: 'F', size: 2 }, 'ab'],
    [{ type: 'enum', name: 'E', symbols: ['A'] }, 'A'],
    [{ type: 'array', items: 'int' }, [1, 2]],
    [{ type: 'map', values: 'int' }, { x: 1 }],
    [['null', 'int'], null],
    [['int', 'null'], 1],
    [inner, { a: 1 }],
  ]
  const refused: [unknown, unknown][] = [
    ['null', 0],
    ['boolean', 'true'],
    ['int', 1.5],
    ['int', 2_147_483_648],
    ['long', 2 ** 53],
    ['float', '1'],
    ['string', 1],
    ['bytes', '\u0100'],
    [{ type: 'fixed', name: 'F', size: 2 }, 'abc'],
    [{ type: 'enum', name: 'E', symbols: ['A'] }, 'B'],
    [{ type: 'array', items: 'int' }, ['1']],
    [{ type: 'map', values: 'int' }, { x: null }],
    [['null', 'int'], 1],
    [['int', 'null'], null],
    [inner, { b: 1 }],
  ]
  test.each(accepted)('%j may have %j', (type, value) => {
    expect(codes(record({ name: 'x', type, default: value }))).toEqual([])
  })
  test.each(refused)('%j may not have %j', (type, value) => {
    expect(codes(record({ name: 'x', type, default: value }))).toEqual(['schema.bad-default'])
  })

  test('a default deeper than a schema may be is refused, not followed', () => {
    const chain = { type: 'record', name: 'C', fields: [{ name: 'c', type: { type: 'array', items: 'C' } }] }
    let value: unknown = { c: [] }
    for (let level = 0; level < 5_000; level++) value = { c: [value] }
    expect(codes(record({ name: 'x', type: chain, default: value }))).toEqual(['schema.bad-default'])
  })
})

test('a logical type that is unknown or does not fit is ignored, but remembered', () => {
  expect(read({ type: 'string', logicalType: 'uuid' })).toEqual({ kind: 'string', ignoredLogical: 'uuid' })
  expect(read({ type: 'string', logicalType: 'date' })).toEqual({ kind: 'string', ignoredLogical: 'date' })
  expect(read({ type: 'bytes', logicalType: 'decimal', precision: 2, scale: 3 })).toMatchObject({
    ignoredLogical: 'decimal',
  })
  expect(read({ type: 'fixed', name: 'F', size: 2, logicalType: 'decimal', precision: 5 })).toMatchObject({
    ignoredLogical: 'decimal',
  })
  expect(read({ type: 'fixed', name: 'F', size: 2, logicalType: 'decimal', precision: 4 })).toMatchObject({
    logical: { name: 'decimal', precision: 4, scale: 0 },
  })
})
