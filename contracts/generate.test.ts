import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseContract } from './contract.ts'
import { generate, moduleOf } from './generate.ts'

const root = new URL('../', import.meta.url)

test('the committed types are those of the schemas', () => {
  for (const [path, text] of generate(fileURLToPath(new URL('contracts/events', root)))) {
    expect(readFileSync(new URL(path, root), 'utf8'), `${path} is stale: npm run generate`).toBe(text)
  }
})

test('every kind of field has its type', () => {
  const fields = [
    { name: 'id', type: 'string', doc: 'The id */ with a trap.' },
    { name: 'n', type: 'long', doc: 'x' },
    { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 }, doc: 'x' },
    { name: 'at', type: ['null', { type: 'long', logicalType: 'timestamp-millis' }], default: null, doc: 'x' },
    { name: 'days', type: { type: 'array', items: { type: 'int', logicalType: 'date' } }, doc: 'x' },
    { name: 'gaps', type: { type: 'array', items: ['null', 'boolean'] }, doc: 'x' },
    { name: 'state', type: { type: 'enum', name: 'S', symbols: ['OPEN', 'DONE'] }, doc: 'x' },
    { name: 'inner', type: { type: 'record', name: 'deep.Inner', doc: 'Inside.', fields: [] }, doc: 'x' },
  ]
  const shuniu = { owner: 'x', key: 'id', topic: 'a.b.c.v1', compatibility: 'NONE', visibility: 'internal' }
  const { contract } = parseContract({ type: 'record', name: 'Outer', fields, shuniu })
  const text = moduleOf(contract ? [contract] : [])
  const types = text.split('\n').filter((line) => /^ {2}readonly|^export type/.test(line))
  expect(types).toEqual([
    'export type Inner = {',
    'export type Outer = {',
    '  readonly id: string',
    '  readonly n: Decimal',
    '  readonly amount: Decimal',
    '  readonly at: Instant | null',
    '  readonly days: readonly Day[]',
    '  readonly gaps: readonly (boolean | null)[]',
    "  readonly state: 'OPEN' | 'DONE'",
    '  readonly inner: Inner',
    'export type EventData = {',
    "  readonly 'a.b.c': Outer",
    'export type EventType = keyof EventData',
  ])
  expect(text).toContain('/** The id * / with a trap. */')
})
