import { Day, Decimal } from '@shuniu/contracts'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { typeOfSchema } from './schema-type.ts'
import { anyValue, day, decimal, secret } from './schema.ts'

describe('the schemas of inputs and settings', () => {
  it('an amount is a decimal, and never a number or a text', () => {
    expect(decimal().parse(new Decimal('1.50')).toString()).toBe('1.5')
    for (const wrong of [1.5, '1.50', null, undefined]) expect(decimal().safeParse(wrong).success).toBe(false)
  })

  it('a date is read from its text, and only when it exists', () => {
    expect(day().parse('2026-02-28')).toEqual(Day.parse('2026-02-28'))
    expect(day().parse(Day.parse('2026-02-28'))).toEqual(Day.parse('2026-02-28'))
    for (const wrong of ['2026-02-29', '2026-2-1', 20260201]) expect(day().safeParse(wrong).success).toBe(false)
  })

  it('a secret says that it is never shown', () => {
    expect(z.toJSONSchema(secret('Key of the application', '${env:KEY}'))).toMatchObject({ writeOnly: true })
  })

  it('an input is described for the checker of expressions', () => {
    const entry = z.strictObject({ account: z.string().describe('a leaf'), debit: decimal().nullish() })
    const input = z.strictObject({
      date: day(),
      mode: z.enum(['auto', 'park']).default('park'),
      entries: z.array(entry),
      dimensions: z.record(z.string(), z.string()).optional(),
      body: anyValue().optional(),
    })
    expect(typeOfSchema(input)).toEqual({
      kind: 'record',
      fields: {
        date: { type: { kind: 'date' } },
        mode: { type: { kind: 'string' }, optional: true },
        entries: {
          type: {
            kind: 'list',
            of: {
              kind: 'record',
              fields: {
                account: { type: { kind: 'string' }, doc: 'a leaf' },
                debit: { type: { kind: 'nullable', of: { kind: 'decimal' } }, optional: true },
              },
            },
          },
        },
        dimensions: { type: { kind: 'map', of: { kind: 'string' } }, optional: true },
        body: { type: { kind: 'dyn' }, optional: true },
      },
    })
  })
})
