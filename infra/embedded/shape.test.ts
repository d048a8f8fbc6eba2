import { expect, test } from 'vitest'
import type { Parameter } from '../store/sql.ts'
import { behindColumns, bindWhere, Shape } from './shape.ts'
import { whereSql } from './sql.ts'

const conditions: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { id: 1 },
  { id: null },
  { id: [1] },
  { id: [1, 2] },
  { id: [] },
  { id: { above: 1 } },
  { id: { below: 1 } },
  { id: { above: 1, below: 3 } },
  { id: { not: null } },
  { id: { not: 'x' } },
  { state: 'a', id: 1 },
  { id: 1, state: 'a' },
  { event_id: new Uint8Array([1]) },
]

test('conditions have one shape exactly when their statements have one text', () => {
  const root = new Shape()
  const texts = new Map<Shape, string>()
  for (const where of [...conditions, ...conditions]) {
    const shape = bindWhere(root, where, [])
    const { sql } = whereSql(where)
    expect(texts.get(shape) ?? sql).toBe(sql)
    texts.set(shape, sql)
  }
  expect(texts.size).toBe(new Set(texts.values()).size)
})

test('what a condition binds comes in the order of its text', () => {
  for (const where of conditions) {
    const values: Parameter[] = ['before']
    bindWhere(new Shape(), where, values)
    expect(values).toEqual(['before', ...whereSql(where).parameters])
  }
})

test('columns in another order are another shape', () => {
  const root = new Shape()
  expect(behindColumns(root, { a: 1, b: 2 })).toBe(behindColumns(root, { a: 3, b: 4 }))
  expect(behindColumns(root, { a: 1, b: 2 })).not.toBe(behindColumns(root, { b: 2, a: 1 }))
})
