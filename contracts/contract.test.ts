import { describe, expect, test } from 'vitest'
import { parseContract, parseContractText, typeOfContract } from './contract.ts'
import { contract, contracts } from './contracts.ts'
import type { Shape, ShapeField } from './shape.ts'

function fieldsIn(shape: Shape, path = ''): [string, ShapeField][] {
  if (shape.kind === 'list' || shape.kind === 'nullable') return fieldsIn(shape.of, path)
  if (shape.kind !== 'record') return []
  return shape.fields.flatMap(
    (field) =>
      [[`${path}${field.name}`, field], ...fieldsIn(field.shape, `${path}${field.name}.`)] as [string, ShapeField][],
  )
}

describe.each(contracts.map((one) => [one.type, one] as const))('%s', (type, one) => {
  test('is public, has an owner, a topic with its version, a key and a revision', () => {
    expect(one).toMatchObject({ topic: `${type}.v1`, visibility: 'public', compatibility: 'FULL_TRANSITIVE' })
    expect(one.owner).not.toBe('')
    expect(one.fields[one.key]?.type).toEqual({ kind: 'string' })
    expect(one.fields[one.revision ?? '']?.type).toEqual({ kind: 'integer' })
  })

  test('explains every field in both languages', () => {
    expect(one.doc.zh).toMatch(/\p{Script=Han}/u)
    for (const [path, field] of fieldsIn(one.shape)) {
      expect(field.doc, path).toMatch(/^[A-Z0-9].*\.$/)
      expect(field.docZh, path).toMatch(/\p{Script=Han}.*。$/u)
    }
  })

  test('has no problem, not even a warning', () => {
    expect(parseContractText(one.text).problems).toEqual([])
  })
})

test('personal data is marked where it may stand', () => {
  const marked = contracts.flatMap((one) => fieldsIn(one.shape).filter(([, field]) => field.pii))
  expect(marked.map(([path, field]) => `${path} ${field.pii}`)).toEqual([
    'title name',
    'applicant.name name',
    'payee.name name',
    'payee.account bank',
  ])
})

test('an event type that does not exist is answered with the nearest one', () => {
  expect(() => contract('approval.payment.aproved')).toThrow(
    expect.objectContaining({
      code: 'contract.unknown',
      parameters: { type: 'approval.payment.aproved', nearest: 'approval.payment.approved' },
    }),
  )
})

test('the checker of expressions sees the fields with their types', () => {
  const type = typeOfContract(contract('approval.payment.approved'))
  if (type.kind !== 'record') throw new Error('no record')
  expect(type.fields['amount']).toMatchObject({ type: { kind: 'decimal' } })
  expect(type.fields['approvedAt']).toMatchObject({ type: { kind: 'instant' } })
  expect(type.fields['dueDate']).toMatchObject({ type: { kind: 'nullable', of: { kind: 'date' } }, optional: true })
  expect(type.fields['payee']?.type).toMatchObject({
    kind: 'nullable',
    of: { kind: 'record', name: 'shuniu.approval.Payee' },
  })
  expect(type.fields['lines']?.type).toMatchObject({
    kind: 'list',
    of: {
      kind: 'record',
      fields: { memo: { type: { kind: 'string' }, optional: true }, amount: { type: { kind: 'decimal' } } },
    },
  })
})

const field = (type: unknown, change: object = {}): object => ({ name: 'x', type, doc: 'x', ...change })

describe('a contract that breaks a rule of the house is refused', () => {
  const terms = {
    owner: 'x',
    key: 'id',
    revision: 'n',
    topic: 'a.b.c.v1',
    compatibility: 'FULL_TRANSITIVE',
    visibility: 'public',
  }
  const id = { name: 'id', type: 'string', doc: 'x' }
  const n = { name: 'n', type: 'int', doc: 'x' }
  const verdict = (change: object, ...more: object[]): string[] => {
    const json = { type: 'record', name: 'R', fields: [id, n, ...more], shuniu: { ...terms, ...change } }
    return parseContract(json).problems.map(({ error }) => `${error.code} ${Object.values(error.parameters).join(' ')}`)
  }
  test('a good one is not', () => {
    expect(verdict({})).toEqual([])
    expect(verdict({ revision: undefined })).toEqual([])
    expect(verdict({ visibility: 'internal', compatibility: 'BACKWARD' })).toEqual([])
  })

  test.each<[string, object, string]>([
    ['no owner', { owner: '' }, 'contract.attribute owner a team'],
    ['a topic without a version', { topic: 'a.b.c' }, 'contract.attribute topic domain.entity.event.v1'],
    ['a key that is no field', { key: 'ID' }, 'contract.attribute key the name of a text field'],
    ['a key that is no text', { key: 'n' }, 'contract.attribute key the name of a text field'],
    ['a revision that is a text', { revision: 'id' }, 'contract.attribute revision the name of an int field'],
    ['a level that does not exist', { compatibility: 'ALL' }, 'contract.attribute compatibility FULL_TRANSITIVE'],
    [
      'a public event that may break its readers',
      { compatibility: 'BACKWARD' },
      'contract.attribute compatibility FULL_TRANSITIVE',
    ],
    ['a visibility that does not exist', { visibility: 'secret' }, 'contract.attribute visibility public or internal'],
  ])('%s', (_, change, expected) => {
    expect(verdict(change)).toEqual([expected])
  })

  test.each<[string, object, string]>([
    ['money as double', field('double'), 'contract.type x double'],
    ['money as float', field('float'), 'contract.type x float'],
    ['bare bytes', field('bytes'), 'contract.type x bytes'],
    ['a map', field({ type: 'map', values: 'string' }), 'contract.type x map'],
    [
      'a logical type that nobody knows',
      field({ type: 'long', logicalType: 'timestamp-milis' }),
      'contract.type x logicalType timestamp-milis',
    ],
    ['a choice of types', field(['string', 'int']), 'contract.optional x'],
    ['an optional field whose null is last', field(['string', 'null']), 'contract.optional x'],
    ['an optional field without default', field(['null', 'string']), 'contract.optional x'],
    [
      'a default that is a decimal',
      field({ type: 'bytes', logicalType: 'decimal', precision: 2 }, { default: '\u0001' }),
      'contract.default x',
    ],
    ['a record in itself', field({ type: 'array', items: 'R' }), 'contract.type x[] recursive R'],
  ])('%s', (_, more, expected) => {
    expect(verdict({}, more)).toEqual([expected])
  })

  test('records within records, twice each, thirteen levels deep, are refused, not walked', () => {
    const twice = (level: number): object => ({
      type: 'record',
      name: `L${level}`,
      fields:
        level === 0
          ? [id]
          : [
              { ...id, type: twice(level - 1) },
              { ...id, name: 'again', type: `L${level - 1}` },
            ],
    })
    expect(verdict({}, field(twice(13))).at(0)).toMatch(/^contract.type x.* more than 1000 fields$/)
  })

  test('a field without doc is only warned of', () => {
    const { contract: made, problems } = parseContract({
      type: 'record',
      name: 'R',
      fields: [{ name: 'id', type: 'string' }],
      shuniu: { ...terms, revision: undefined },
    })
    expect(made?.type).toBe('a.b.c')
    expect(problems).toMatchObject([{ severity: 'warning', error: { code: 'contract.undocumented' } }])
  })
})
