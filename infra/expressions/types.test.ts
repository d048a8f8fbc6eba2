import { describe, expect, it } from 'vitest'
import { assignable, fieldOf, joinTypes, typeName, typeOfField, types, type Type } from './index.ts'

const { dyn, string, decimal, bool, date, list, map, nullable, record, oneOf } = types
const line = record({ account: { type: string }, debit: { type: decimal, optional: true } }, 'line')

describe('assignable', () => {
  it.each<[Type, Type, boolean]>([
    [decimal, decimal, true],
    [string, decimal, false],
    [date, types.instant, false],
    [dyn, decimal, true],
    [decimal, dyn, true],
    [types.null, nullable(string), true],
    [types.null, string, false],
    [nullable(string), string, false],
    [nullable(string), nullable(string), true],
    [string, nullable(string), true],
    [list(decimal), list(decimal), true],
    [list(string), list(decimal), false],
    [list(nullable(decimal)), list(decimal), false],
    [oneOf('CNY'), oneOf('CNY', 'USD'), true],
    [oneOf('EUR'), oneOf('CNY', 'USD'), false],
    [string, oneOf('CNY', 'USD'), true],
    [oneOf('CNY'), string, true],
    [record({ account: { type: string } }), line, true],
    [record({ account: { type: string }, debit: { type: nullable(decimal) } }), line, false],
    [record({ account: { type: string }, debit: { type: decimal, optional: true } }), line, true],
    [record({ debit: { type: decimal } }), line, false],
    [record({ account: { type: string, optional: true } }), line, false],
    [record({ account: { type: string }, extra: { type: bool } }), line, false],
    [record({ account: { type: decimal } }), line, false],
    [record({ a: { type: decimal } }), map(decimal), true],
    [record({ a: { type: string } }), map(decimal), false],
    [map(dyn), line, true],
    [map(string), map(decimal), false],
    [string, line, false],
  ])('%j to %j: %s', (from, to, expected) => {
    expect(assignable(from, to)).toBe(expected)
  })
})

describe('join', () => {
  it.each<[Type, Type, string | undefined]>([
    [decimal, decimal, 'decimal'],
    [decimal, string, undefined],
    [decimal, types.null, 'nullable(decimal)'],
    [types.null, types.null, 'null'],
    [nullable(decimal), decimal, 'nullable(decimal)'],
    [nullable(decimal), string, undefined],
    [decimal, dyn, 'dyn'],
    [oneOf('a'), oneOf('b'), '"a" | "b"'],
    [oneOf('a'), string, 'string'],
    [list(decimal), list(string), 'list(dyn)'],
    [line, line, 'line'],
    [record({ account: { type: string } }), line, 'line'],
    [record({ a: { type: string } }), record({ b: { type: string } }), 'map(dyn)'],
    [map(string), map(string), 'map(string)'],
    [bool, line, undefined],
  ])('%j and %j: %s', (a, b, expected) => {
    const joined = joinTypes(a, b)
    expect(joined && typeName(joined)).toBe(expected)
  })
})

it('a long list of texts is shortened in its name', () => {
  expect(typeName(oneOf(...'abcdefgh'))).toBe('"a" | "b" | "c" | "d" | "e" | "f" | …')
  expect(typeName(oneOf('only'))).toBe('string "only"')
})

it('a field is one of the record itself', () => {
  expect(fieldOf(line, 'toString')).toBeUndefined()
  expect(fieldOf(line, 'debit')?.optional).toBe(true)
})

it('a neutral field description becomes a type', () => {
  const type = typeOfField({
    kind: 'record',
    name: 'payment',
    fields: {
      currency: { type: { kind: 'string' }, values: ['CNY', 'USD'], doc: 'ISO 4217' },
      count: { type: { kind: 'integer' } },
      urgent: { type: { kind: 'nullable', of: { kind: 'boolean' } }, optional: true },
      lines: { type: { kind: 'list', of: { kind: 'decimal' } } },
      extra: { type: { kind: 'map', of: { kind: 'dyn' } } },
      on: { type: { kind: 'date' } },
    },
  })
  expect(type).toEqual(
    record(
      {
        currency: { type: oneOf('CNY', 'USD'), values: ['CNY', 'USD'], doc: 'ISO 4217' } as never,
        count: { type: decimal },
        urgent: { type: nullable(bool), optional: true },
        lines: { type: list(decimal) },
        extra: { type: map(dyn) },
        on: { type: date },
      },
      'payment',
    ),
  )
})
