import { readFileSync } from 'node:fs'
import { Day, Decimal, Duration, HubError, Instant, isDecimal, type Language, type Value } from '@shuniu/contracts'
import { describe, expect, it } from 'vitest'
import { dayIn } from './functions/zone.ts'
import { compileExpression, durationText, functionReference, functionTable, instantText } from './index.ts'

function run(source: string): Value {
  const { expression, problems } = compileExpression(source, { variables: {}, dynamic: true })
  if (!expression) throw problems[0]?.error ?? new Error('neither an expression nor a problem')
  return expression.evaluate({}) as Value
}

function outcome(source: string): string {
  try {
    return textOf(run(source))
  } catch (error) {
    return error instanceof HubError ? `error ${error.code}` : String(error)
  }
}

function textOf(value: Value): string {
  return typeof value === 'string' ? value : written(value)
}

/** As the reference writes it: like JSON, with numbers in full digits, dates and times bare. */
function written(value: Value): string {
  if (isDecimal(value)) return value.toFixed()
  if (value instanceof Instant) return instantText(value)
  if (value instanceof Duration) return durationText(value)
  if (value instanceof Day) return value.text
  return Array.isArray(value) ? `[${value.map(written).join()}]` : JSON.stringify(value)
}

describe('the reference', () => {
  it.each(functionReference.map(({ example, signature }) => [signature, ...example] as const))(
    '%s: %s',
    (_, source, value) => {
      expect(outcome(source)).toBe(value)
    },
  )

  it.each([
    ['en', 'expressions.md'],
    ['zh', 'expressions.zh-CN.md'],
  ] as [Language, string][])('the page in %s has the table of functions as it is', (language, page) => {
    const docs = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8')
    expect(docs).toContain(functionTable(language))
  })
})

describe('numbers', () => {
  it.each([
    ['money("12.3456")', '12.3456'],
    ['money("-0.10")', '-0.1'],
    ['money("1.50000")', '1.5'],
    ['money(12.5)', '12.5'],
    ['money("9999999999999999.9999")', '9999999999999999.9999'],
    ['money("12.34567")', 'error expression.not-readable'],
    ['money("10000000000000000")', 'error expression.not-readable'],
    ['money("1,200.00")', 'error expression.not-readable'],
    ['money("¥12")', 'error expression.not-readable'],
    ['money("１２")', 'error expression.not-readable'],
    ['money(" 12")', 'error expression.not-readable'],
    ['money("12 ")', 'error expression.not-readable'],
    ['money("1e3")', 'error expression.not-readable'],
    ['money("")', 'error expression.not-readable'],
    ['money("NaN")', 'error expression.not-readable'],
    ['money(null)', 'error expression.wrong-type'],
    ['money(true)', 'error expression.wrong-type'],
    ['decimal("+1e3")', '1000'],
    ['decimal(".5")', '0.5'],
    ['decimal("1.")', 'error expression.not-readable'],
    ['decimal("0x1F")', 'error expression.not-readable'],
    ['decimal("Infinity")', 'error expression.not-readable'],
    ['decimal("1e999999999")', 'error expression.not-readable'],
    ['round(2.5)', '3'],
    ['round(-2.5)', '-3'],
    ['round(2.5, 0, "half-even")', '2'],
    ['round(-2.5, 0, "half-even")', '-2'],
    ['round(2.9, 0, "down")', '2'],
    ['round(-2.1, 0, "up")', '-3'],
    ['round(1.005, 2)', '1.01'],
    ['round(1, 21)', 'error expression.out-of-range'],
    ['round(1, 0.5)', 'error expression.out-of-range'],
    ['round(1, -1)', 'error expression.out-of-range'],
    ['round(1, 0, "constructor")', 'error expression.out-of-range'],
    ['divide(1, 3, 0, "up")', '1'],
    ['divide(-1, 3, 2)', '-0.33'],
    ['divide(0.05, 10, 2, "half-even")', '0'],
    ['divide(1, 8, 2, "half-up")', '0.13'],
    ['divide(1, 0, 2)', 'error expression.divide-by-zero'],
    ['divide(1, 0.0, 2)', 'error expression.divide-by-zero'],
    ['string(-0.0)', '0'],
    ['string(1e21)', '1000000000000000000000'],
    ['string(0.0000001)', '0.0000001'],
    ['fixed(1.5, 2)', '1.50'],
    ['fixed(1.005, 2)', 'error expression.out-of-range'],
    ['max([])', 'error expression.empty-list'],
    ['max(1)', 'error expression.wrong-type'],
    ['max("a", 1)', 'error expression.wrong-type'],
    ['min(date("2026-01-02"), date("2026-01-01"))', '2026-01-01'],
  ])('%s → %s', (source, expected) => {
    expect(outcome(source)).toBe(expected)
  })

  it('a division leaves the rounding of others as it was', () => {
    run('divide(1, 3, 2, "down")')
    expect(new Decimal('2').div('3').toFixed()).toBe('0.66666666666666666667')
  })
})

describe('texts', () => {
  it.each([
    ['"a".padLeft(3)', '  a'],
    ['"abc".padLeft(2)', 'abc'],
    ['"1".padLeft(3, "🐶")', '🐶🐶1'],
    ['"1".padLeft(3, "ab")', 'error expression.out-of-range'],
    ['"枢纽".split("")', '["枢","纽"]'],
    ['"aaa".replace("", "-")', '-a-a-a-'],
    ['"a.b".replace(".", "$&")', 'a$&b'],
    ['"ß".upper()', 'SS'],
    ['"a😀b".substring(1, 2)', '😀'],
    ['"x".substring(1, 0)', 'error expression.out-of-range'],
    ['[1].join()', 'error expression.wrong-type'],
    ['"a".contains(1)', 'error expression.wrong-type'],
    ['[].last()', 'error expression.empty-list'],
  ])('%s → %s', (source, expected) => {
    expect(outcome(source)).toBe(expected)
  })
})

describe('dates', () => {
  it.each([
    ['date("2026-01-05T03:30:00+08:00", "UTC")', '2026-01-04'],
    ['date("2026-01-05T03:30:00Z", "-09:30")', '2026-01-04'],
    ['date("2026-07-01T03:59:00Z", "America/New_York")', '2026-06-30'],
    ['date(date("2026-01-05"))', '2026-01-05'],
    ['date(instant("2026-01-05T03:30:00Z"))', 'error expression.arguments'],
    ['date("2026-01-05", "UTC")', 'error expression.not-readable'],
    ['date(instant("2026-01-05T03:30:00Z"), "Mars/Olympus")', 'error expression.not-readable'],
    ['date("2026-1-5")', 'error expression.not-readable'],
    ['date("2024-02-29").plusDays(366).dayOfMonth()', '1'],
    ['date("2026-01-01").plusDays(-1)', '2025-12-31'],
    ['date("9999-12-31").plusDays(1)', 'error expression.overflow'],
    ['date("2026-01-01").plusDays(0.5)', 'error expression.out-of-range'],
    ['instant("2026-01-01T24:00:00Z")', 'error expression.not-readable'],
    ['instant("2026-01-01 00:00:00Z")', 'error expression.not-readable'],
    ['instant("2026-01-01T00:00:00")', 'error expression.not-readable'],
    ['duration("")', 'error expression.not-readable'],
    ['duration("1h 30m")', 'error expression.not-readable'],
    ['duration("1.1s")', '1.1s'],
  ])('%s → %s', (source, expected) => {
    expect(outcome(source)).toBe(expected)
  })

  it.each(['UTC', 'Asia/Shanghai', 'Asia/Hong_Kong', 'Asia/Singapore', 'Asia/Tokyo', '+08:00', '-03:30'])(
    'the fast way through %s gives the day the calendar gives',
    (zone) => {
      const calendar = new Intl.DateTimeFormat('sv-SE', { timeZone: zone })
      const start = Date.UTC(1985, 0, 1)
      for (let ms = start; ms < Date.UTC(2060, 0, 1); ms += 5 * 86_400_000 + 3_599_000) {
        const day = dayIn(zone, new Instant(ms))?.text
        if (day !== calendar.format(ms)) expect({ ms, day }).toEqual({ ms, day: calendar.format(ms) })
      }
    },
  )

  it('midnight in Shanghai is where the day changes', () => {
    const before = dayIn('Asia/Shanghai', new Instant(Date.UTC(2026, 0, 31, 15, 59, 59, 999)))
    const after = dayIn('Asia/Shanghai', new Instant(Date.UTC(2026, 0, 31, 16)))
    expect([before?.text, after?.text]).toEqual(['2026-01-31', '2026-02-01'])
  })
})
