import { expect, test } from 'vitest'
import { contracts } from '../contracts.ts'
import { meaningOf } from './meaning.ts'
import { parseSchema } from './parse.ts'

function meaning(json: unknown): string {
  const { schema, problems } = parseSchema(json)
  if (!schema) throw problems[0]?.error ?? new Error('no schema')
  return meaningOf(schema)
}

const record = (fields: readonly object[], more: object = {}): object => ({
  type: 'record',
  name: 'a.R',
  ...more,
  fields,
})

test('documentation, foreign attributes and another way of writing change nothing', () => {
  const one = record([{ name: 'amount', type: 'string', doc: 'What', 'doc.zh': '多少' }], {
    doc: 'D',
    shuniu: { key: 'x' },
  })
  const other = {
    fields: [{ type: { type: 'string', 'avro.java.string': 'String' }, name: 'amount' }],
    namespace: 'a',
    name: 'R',
    type: 'record',
  }
  expect(meaning(one)).toBe(meaning(other))
})

test.each([
  [
    'the order of fields',
    [
      { name: 'b', type: 'string' },
      { name: 'a', type: 'string' },
    ],
  ],
  [
    'a type',
    [
      { name: 'a', type: 'int' },
      { name: 'b', type: 'string' },
    ],
  ],
  [
    'a default',
    [
      { name: 'a', type: 'string', default: '' },
      { name: 'b', type: 'string' },
    ],
  ],
  [
    'an alias',
    [
      { name: 'a', type: 'string', aliases: ['c'] },
      { name: 'b', type: 'string' },
    ],
  ],
])('%s changes it', (_, fields) => {
  const plain = record([
    { name: 'a', type: 'string' },
    { name: 'b', type: 'string' },
  ])
  expect(meaning(record(fields))).not.toBe(meaning(plain))
})

test('a decimal is not the bytes it stands on, nor one of another scale', () => {
  const decimal = (scale: number): object => ({ type: 'bytes', logicalType: 'decimal', precision: 9, scale })
  const all = ['bytes', decimal(2), decimal(4)].map((type) => meaning(record([{ name: 'a', type }])))
  expect(new Set(all).size).toBe(3)
})

test('every shipped contract means what it says, and nothing else', () => {
  expect(new Set(contracts.map(({ schema }) => meaningOf(schema))).size).toBe(contracts.length)
})
