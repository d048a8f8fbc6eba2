import { Duration, type FieldType, type Text } from '@shuniu/contracts'
import { readAddress } from '@shuniu/infra/outbound'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { ConnectorDefinition } from '../connector.ts'
import type { Operation } from '../operation.ts'
import { typeOfSchema } from '../schema-type.ts'
import { declaredSettings } from '../declared-settings.ts'
import type { Subject } from './subject.ts'

/** Both languages are there, and the Chinese one is Chinese. */
export function expectText(text: Text): void {
  expect(text.en.trim()).not.toBe('')
  expect(text.zh, text.en).toMatch(/\p{Script=Han}/u)
}

/** What can be seen without a call: settings, texts, grades, times. */
export function declarationSuite<Settings, Link>(
  definition: ConnectorDefinition<Settings, Link>,
  subject: Subject<Link>,
): void {
  describe('declaration', () => {
    it('has a name, a title and a summary', () => {
      expect(definition.name).toMatch(/^[a-z][a-z0-9-]*$/)
      expectText(definition.title)
      expectText(definition.summary)
    })

    it('every setting has a description and an example, and every secret is marked and never written out', () => {
      for (const { name, description, examples, isSecret } of declaredSettings(definition)) {
        expect(description, `description of ${name}`).toBeTruthy()
        expect(examples.length, `example of ${name}`).toBeGreaterThan(0)
        if (/(secret|password|aeskey|token)$/i.test(name)) expect(isSecret, `${name} is writeOnly`).toBe(true)
        if (isSecret) expect(String(examples[0]), `example of ${name}`).toMatch(/^\$\{(env|file):/)
      }
    })

    it('an unknown setting is refused', () => {
      const written = { ...subject.settings('http://127.0.0.1:1'), noSuchSetting: 1 }
      expect(definition.settings.safeParse(written).success).toBe(false)
    })

    it('may call what its settings name, and nothing else', () => {
      const settings = definition.settings.parse(subject.settings('http://127.0.0.1:1'))
      expect(definition.addresses(settings)).toEqual(['http://127.0.0.1:1'])
      const { concurrency, perSecond, perMonth } = definition.limits(settings)
      expect(concurrency).toBeGreaterThanOrEqual(1)
      expect(Math.min(perSecond, perMonth)).toBeGreaterThanOrEqual(0)
    })

    it('an address in another form than it is understood in is refused before any call', () => {
      for (const host of ['127.1', '0x7f.1', '2130706433']) {
        const settings = definition.settings.parse(subject.settings(`http://${host}:1`))
        const open = (): unknown => definition.addresses(settings).map((address) => readAddress(address))
        expect(open, host).toThrow(expect.objectContaining({ code: 'http.address' }))
      }
    })

    it('every failure says in both languages what happened and what to do', () => {
      for (const [name, rule] of Object.entries(definition.failures)) {
        expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
        expectText(rule.message)
        expectText(rule.help)
      }
    })

    it('says what a month costs', () => {
      const settings = definition.settings.parse(subject.settings('http://127.0.0.1:1'))
      const plan = definition.budget(settings, { documentsPerDay: 100, forms: 2 })
      expect(plan.lines.length).toBeGreaterThan(0)
      for (const { what, calls } of plan.lines) {
        expectText(what)
        expect(Number.isInteger(calls) && calls >= 0).toBe(true)
      }
    })

    const operations = Object.entries(definition.operations)
    it.each(operations)('%s declares what it takes, gives and promises', (name, operation) => {
      expect(name).toMatch(/^[a-z]+(\.[a-z]+)+$/)
      expectText(operation.title)
      expect(operation.reference).not.toBe('')
      expect(recordFields(typeOfSchema(operation.input)).length).toBeGreaterThan(0)
      expect(recordFields(typeOfSchema(operation.output)).length).toBeGreaterThan(0)
      if (operation.undo !== undefined) expect(definition.operations).toHaveProperty([operation.undo])
      expectGrade(operation)
      expect(subject.operations, 'a sample of the operation').toHaveProperty([name])
    })
  })
}

const ms = (text: string): number => Duration.parse(text)?.ms ?? Number.NaN

/** A and B are looked up by our reference; C never is, so there must be nothing that pretends it could be. */
function expectGrade<Link>(operation: Operation<Link>): void {
  const { grade, timeout, quarantine, lookUps } = operation
  expect(ms(timeout)).toBeGreaterThan(0)
  expect(ms(quarantine)).toBeGreaterThanOrEqual(ms(timeout))
  expect(ms(lookUps.apart)).toBeGreaterThanOrEqual(0)
  const canLookUp = [operation.find, operation.fingerprintFound, operation.outputOf].map(
    (method) => method !== undefined,
  )
  expect(canLookUp).toEqual(Array.from({ length: 3 }, () => grade !== 'C'))
  if (grade === 'B') expect(lookUps.times, 'look-ups that must agree on absence').toBeGreaterThanOrEqual(2)
}

function recordFields(type: FieldType): readonly string[] {
  expect(type.kind).toBe('record')
  return type.kind === 'record' ? Object.keys(type.fields) : []
}

/** True when an input has an amount anywhere. */
export function hasAmounts(schema: z.ZodType): boolean {
  const has = (type: FieldType): boolean => {
    if (type.kind === 'decimal') return true
    if (type.kind === 'record') return Object.values(type.fields).some((field) => has(field.type))
    return 'of' in type && has(type.of)
  }
  return has(typeOfSchema(schema))
}
