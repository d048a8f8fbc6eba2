import avsc from 'avsc'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compatible } from '../avro/compatible.ts'
import { parseSchema } from '../avro/parse.ts'
import type { AvroSchema } from '../avro/schema.ts'
import { parseContract, type Contract } from '../contract.ts'
import { contract, contracts } from '../contracts.ts'
import { HubError } from '../errors.ts'
import { eventSchemas } from '../events.gen.ts'
import type { Shape } from '../shape.ts'
import { Day, Decimal, Instant, type Value, type ValueRecord } from '../values.ts'
import { decode, encode, validate } from './codec.ts'

const approved = contract('approval.payment.approved')

/** The event of the example, with only what its flow needs. */
const payment: ValueRecord = {
  approvalId: 'a0d1c2f4',
  revision: new Decimal('1'),
  approvalNo: '202611220001',
  approvedAt: instant('2026-11-22T03:30:00Z'),
  department: { id: '1001', name: '市场部' },
  payee: { name: '上海某某有限公司' },
  currency: 'CNY',
  amount: new Decimal('1234.56'),
  lines: [
    { category: '差旅', memo: '机票', amount: new Decimal('1000') },
    { category: '办公', amount: new Decimal('234.56') },
  ],
}

function instant(text: string): Instant {
  const found = Instant.parse(text)
  if (!found) throw new Error(text)
  return found
}

function contractOf(schema: object): Contract {
  const shuniu = { owner: 'x', key: 'id', topic: 'a.b.c.v1', compatibility: 'NONE', visibility: 'internal' }
  const { contract: made, problems } = parseContract({ type: 'record', name: 'R', ...schema, shuniu })
  if (!made) throw new Error(problems.map((one) => one.error.message).join('\n'))
  return made
}

function schemaOf(json: unknown): AvroSchema {
  const { schema } = parseSchema(json)
  if (!schema) throw new Error('no schema')
  return schema
}

function errorOf(act: () => unknown): HubError {
  try {
    act()
  } catch (error) {
    if (error instanceof HubError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('encode and decode', () => {
  test('an event comes back as plain records with exact values, and with its defaults', () => {
    const read = decode(approved, encode(approved, payment))
    expect(read).toEqual({
      ...payment,
      title: null,
      submittedAt: null,
      applicant: null,
      payee: { name: '上海某某有限公司', account: null, bank: null },
      dueDate: null,
      attachments: null,
      lines: [
        { category: '差旅', memo: '机票', amount: new Decimal('1000'), date: null },
        { category: '办公', memo: '', amount: new Decimal('234.56'), date: null },
      ],
      source: null,
    })
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
  })

  test('what we write is what a stock Avro library reads', () => {
    const raw: unknown = avsc.Type.forSchema(JSON.parse(approved.text)).fromBuffer(
      Buffer.from(encode(approved, payment)),
    )
    expect(raw).toMatchObject({ approvalId: 'a0d1c2f4', revision: 1, approvedAt: Date.parse('2026-11-22T03:30:00Z') })
    expect(raw).toHaveProperty('amount', Buffer.from('00bc6100', 'hex'))
  })

  test('bytes that are part of a larger buffer are read where they are', () => {
    const bytes = encode(approved, payment)
    const larger = Buffer.concat([Buffer.alloc(7, 1), bytes, Buffer.alloc(7, 1)])
    expect(decode(approved, larger.subarray(7, 7 + bytes.length))).toEqual(decode(approved, bytes))
  })

  test.each(contracts.map((one) => [one.type, one] as const))('every record of %s comes back', (_, one) => {
    fc.assert(
      fc.property(recordsOf(one), (record) => {
        expect(validate(one, record)).toEqual([])
        expect(decode(one, encode(one, record))).toEqual(record)
      }),
    )
  })
})

describe('a record that does not follow the contract', () => {
  test('is refused with all problems at once, each with its path', () => {
    const wrong: ValueRecord = {
      ...payment,
      revision: new Decimal('1.5'),
      approvedAt: '2026-11-22',
      ammount: new Decimal('1'),
      amount: new Decimal('1.23456'),
      department: null,
      payee: { name: 7 as unknown as string, account: new Decimal('1') },
      lines: [{ category: '差旅' }, new Decimal('3'), { category: 'x', amount: new Decimal('1e16'), date: null }],
    }
    const error = errorOf(() => encode(approved, wrong))
    expect(error.code).toBe('contract.invalid')
    expect(error.message.split(': ').slice(1).join(': ').split('. ')).toEqual([
      'revision should be whole number, not decimal',
      'approvedAt should be instant, not text',
      'department should be record, not null',
      'payee.name should be text, not number',
      'payee.account should be text, not decimal',
      'amount has 5 digits after the point; the contract holds 4',
      'lines[0].amount is missing; it should be decimal(20,4)',
      'lines[1] should be record, not decimal',
      'lines[2].amount has more than 16 digits before the point',
      'There is no field ammount.',
    ])
  })

  test('names the nearest field of one that does not exist', () => {
    const [only] = validate(approved, { ...payment, deparment: null })
    expect(only?.error.parameters).toEqual({ path: 'deparment', nearest: 'department' })
  })

  test('is never repeated in the error: names and accounts of people stay out', () => {
    const error = errorOf(() => encode(approved, { ...payment, payee: '张三 6222000000000000', title: { 李四: true } }))
    expect(`${error.message} ${error.say('zh')} ${JSON.stringify(error.parameters)}`).not.toMatch(/张三|李四|6222/)
  })

  test('a record with ten thousand bad lines is a small error', () => {
    const lines = Array.from({ length: 10_000 }, () => ({}))
    expect(validate(approved, { ...payment, lines }).length).toBe(100)
  })

  test('no plain record and no whole Unicode text does not count', () => {
    expect(validate(approved, { ...payment, currency: '\ud800' })[0]?.error.code).toBe('contract.out-of-range')
    expect(
      validate(approved, { ...payment, lines: [Object.create({ category: 'x' }) as ValueRecord] })[0]?.error.code,
    ).toBe('contract.wrong-type')
  })

  test('times that no calendar can write are refused on both sides', () => {
    expect(validate(approved, { ...payment, approvedAt: new Instant(253_402_300_800_000) })[0]?.error.code).toBe(
      'contract.out-of-range',
    )
    const far = contractOf({
      fields: [
        { name: 'id', type: 'string' },
        { name: 'at', type: { type: 'int', logicalType: 'date' } },
      ],
    })
    expect(errorOf(() => decode(far, Buffer.from('00feffffff0f', 'hex'))).code).toBe('contract.bytes-not-a')
  })

  test('an event larger than anyone reads is not written', () => {
    expect(errorOf(() => encode(approved, { ...payment, title: 'x'.repeat(1_048_577) })).code).toBe(
      'contract.bytes-over-budget',
    )
  })
})

describe('whole numbers are exact or refused', () => {
  const counted = contractOf({
    fields: [
      { name: 'id', type: 'string' },
      { name: 'n', type: 'long' },
    ],
  })
  const write = (n: string): Uint8Array => encode(counted, { id: '', n: new Decimal(n) })

  test.each(['0', '-1', '9007199254740993', '-9007199254740990', '9223372036854775807', '-9223372036854775808'])(
    '%s comes back',
    (n) => {
      expect(decode(counted, write(n))['n']).toEqual(new Decimal(n))
    },
  )
  test.each(['9223372036854775808', '-9223372036854775809', '1e500'])('%s is refused', (n) => {
    expect(validate(counted, { id: '', n: new Decimal(n) })[0]?.error.code).toBe('contract.out-of-range')
  })
})

function outcome(act: () => unknown): string {
  try {
    act()
    return 'fine'
  } catch (error) {
    if (error instanceof HubError) return error.code.replace(/-.*/, '')
    throw error
  }
}

function fail(): never {
  throw new Error('decoded something invalid')
}

describe('bytes of strangers', () => {
  const bytes = encode(approved, payment)

  test('random bytes end in a HubError or in a record, never in anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
        expect(['fine', 'contract.bytes']).toContain(outcome(() => decode(approved, any)))
      }),
      { numRuns: 2_000 },
    )
  })

  test('damaged events end in a HubError or in a valid record', () => {
    const hits = fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(hits, fc.nat({ max: bytes.length }), (damage, length) => {
        const copy = Buffer.from(bytes)
        for (const [at, byte] of damage) copy[at] = byte
        const tried = outcome(() => validate(approved, decode(approved, copy)).length === 0 || fail())
        expect(['fine', 'contract.bytes']).toContain(tried)
        expect(['fine', 'contract.bytes']).toContain(outcome(() => decode(approved, copy.subarray(0, length))))
      }),
      { numRuns: 2_000 },
    )
  })

  test('limits can be tightened', () => {
    expect(errorOf(() => decode(approved, bytes, { limits: { bytes: 10 } })).code).toBe('contract.bytes-over-budget')
    expect(errorOf(() => decode(approved, bytes, { limits: { values: 10 } })).code).toBe('contract.bytes-over-budget')
    expect(errorOf(() => decode(approved, bytes, { limits: { depth: 1 } })).code).toBe('contract.bytes-over-budget')
  })
})

describe('old and new versions', () => {
  const base = { type: 'record', name: 'R' }
  const id = { name: 'id', type: 'string' }
  const reader = contractOf({
    ...base,
    fields: [
      id,
      { name: 'count', type: 'long' },
      { name: 'label', type: 'string', aliases: ['name'] },
      { name: 'state', type: { type: 'enum', name: 'S', symbols: ['OPEN', 'OTHER'], default: 'OTHER' } },
      { name: 'note', type: ['null', 'string'], default: null },
      { name: 'tags', type: { type: 'array', items: 'string' }, default: [] },
    ],
  })
  const written = {
    ...base,
    name: 'elsewhere.R',
    fields: [
      { name: 'gone', type: { type: 'map', values: ['null', 'double', 'elsewhere.R'] } },
      { name: 'count', type: 'int' },
      id,
      { name: 'name', type: 'bytes' },
      { name: 'state', type: { type: 'enum', name: 'S', symbols: ['NEW', 'OPEN'] } },
      { name: 'note', type: 'string' },
    ],
  }

  test('a contract reads what another version wrote: promoted, renamed, reordered, missing, unknown', () => {
    const writer = avsc.Type.forSchema(JSON.parse(JSON.stringify(written)))
    const values = { id: 'x', count: 3, name: Buffer.from('名'), state: 'NEW', note: 'n' }
    const bytes = writer.toBuffer({ ...values, gone: { a: 1.5, b: { ...values, gone: {} } } })
    expect(decode(reader, bytes, { writer: schemaOf(written) })).toEqual({
      id: 'x',
      count: new Decimal('3'),
      label: '名',
      state: 'OTHER',
      note: 'n',
      tags: [],
    })
  })

  test('an incompatible writer is refused before its bytes are looked at', () => {
    const other = schemaOf({ ...base, fields: [id, { name: 'count', type: 'string' }] })
    const error = errorOf(() => decode(reader, Buffer.alloc(0), { writer: other }))
    expect(error.code).toBe('contract.unreadable-writer')
    expect(error.parameters['path']).toBe('count')
  })

  test('damaged bytes of a writer with lists and maps to skip end in a HubError', () => {
    const schema = schemaOf(written)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (any) => {
        try {
          decode(reader, any, { writer: schema })
        } catch (error) {
          expect(error).toBeInstanceOf(HubError)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('versions that are compatible read each other, both ways', () => {
    const optional = { name: 'new', type: ['null', { type: 'int', logicalType: 'date' }], default: null, doc: 'x' }
    const drop = fc.subarray(['title', 'submittedAt', 'applicant', 'payee', 'dueDate', 'attachments', 'source'])
    const original = eventSchemas['approval.payment.approved'] as { fields: { name: string }[] }
    fc.assert(
      fc.property(drop, fc.boolean(), recordsOf(approved), (dropped, add, record) => {
        const fields = original.fields.filter((field) => !dropped.includes(field.name))
        const changed = parseContract({
          ...original,
          fields: add ? [optional, ...fields] : fields.toReversed(),
        }).contract
        if (!changed) throw new Error('no contract')
        expect(compatible(approved.schema, changed.schema, 'FULL')).toEqual([])
        const forward = decode(changed, encode(approved, record), { writer: approved.schema })
        const back = decode(approved, encode(changed, forward), { writer: changed.schema })
        expect(validate(approved, back)).toEqual([])
        expect(back).toEqual({ ...record, ...Object.fromEntries(dropped.map((name) => [name, null])) })
      }),
    )
  })

  test('a breaking change of a public event is found', () => {
    const original = eventSchemas['approval.payment.approved'] as { fields: { name: string }[] }
    const changed = { ...original, fields: original.fields.filter((field) => field.name !== 'amount') }
    expect(compatible(approved.schema, schemaOf(changed), 'FULL_TRANSITIVE')).toMatchObject([
      { path: 'amount', rule: 'field', whom: 'old consumers' },
    ])
  })
})

/** Records that follow a contract, with every field given. */
function recordsOf(one: Contract): fc.Arbitrary<ValueRecord> {
  return valuesOf(one.shape) as fc.Arbitrary<ValueRecord>
}

function valuesOf(shape: Shape): fc.Arbitrary<Value> {
  switch (shape.kind) {
    case 'string':
      return shape.values
        ? fc.constantFrom(...shape.values)
        : fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((n) => new Decimal(String(n)))
    case 'decimal': {
      const most = 10n ** BigInt(shape.precision) - 1n
      return fc.bigInt({ min: -most, max: most }).map((n) => new Decimal(`${n}e-${shape.scale}`))
    }
    case 'instant':
      return fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }).map((ms) => new Instant(ms))
    case 'date':
      return fc.integer({ min: -719_528, max: 2_932_896 }).map((day) => Day.ofEpochDay(day))
    case 'nullable':
      return fc.option(valuesOf(shape.of), { nil: null })
    case 'list':
      return fc.array(valuesOf(shape.of), { maxLength: 4 })
    case 'record':
      return fc.record(Object.fromEntries(shape.fields.map((field) => [field.name, valuesOf(field.shape)])), {
        noNullPrototype: true,
      })
  }
}
