import { Day, Decimal, Instant, type Duration, type Value } from '@shuniu/contracts'
import { clip, durationOf, instantOf, wrongType } from '../values.ts'
import type { Site } from '../site.ts'
import { types } from '../types.ts'
import { readable, text, whole, type BuiltIn } from './define.ts'
import { dayIn, isZone } from './zone.ts'

const { string, date, decimal } = types

/** Functions on dates, instants and durations. None of them knows the time: "now" is not an input of a mapping. */
export const timeFunctions: readonly BuiltIn[] = [
  {
    name: 'date',
    form: 'function',
    signature: 'date(text) · date(instant, zone)',
    help: {
      en: 'A business date: from yyyy-MM-dd, or the day on which an instant falls in a zone (IANA name or +08:00).',
      zh: '业务日期：由 yyyy-MM-dd 得到，或某时刻在指定时区（IANA 名称或 +08:00）的日期。',
    },
    example: ['date("2026-01-31T16:30:00Z", "Asia/Shanghai")', '2026-02-01'],
    overloads: [
      { parameters: [string], returns: date },
      { parameters: [date], returns: date },
      { parameters: [types.instant, string], returns: date },
      { parameters: [string, string], returns: date },
    ],
    checkConstants: (site, given) => {
      const [value, zone] = given
      if (given.length === 1 && value !== undefined) readDay(site, value)
      if (typeof zone === 'string' && !isZone(zone)) notReadable(site, zone, 'zone')
    },
    call: (site, _frame, value, zone?: Value) => (zone === undefined ? readDay(site, value) : dayAt(site, value, zone)),
  },
  {
    name: 'instant',
    form: 'function',
    signature: 'instant(text)',
    help: {
      en: 'A point in time from RFC 3339 with a zone, in whole milliseconds.',
      zh: '由带时区的 RFC 3339 文本得到的时刻，精确到毫秒。',
    },
    example: ['instant("2026-01-05T11:30:00+08:00")', '2026-01-05T03:30:00Z'],
    overloads: [
      { parameters: [string], returns: types.instant },
      { parameters: [types.instant], returns: types.instant },
    ],
    ...readable(readInstant),
  },
  {
    name: 'timestamp',
    form: 'function',
    signature: 'timestamp(text)',
    help: { en: "CEL's name of instant().", zh: 'instant() 在 CEL 中的名称。' },
    example: ['timestamp("2026-01-05T03:30:00Z") + duration("90m")', '2026-01-05T05:00:00Z'],
    overloads: [
      { parameters: [string], returns: types.instant },
      { parameters: [types.instant], returns: types.instant },
    ],
    ...readable(readInstant),
  },
  {
    name: 'duration',
    form: 'function',
    signature: 'duration(text)',
    help: {
      en: 'A length of time from numbers with units (d h m s ms), in whole milliseconds: 1h30m, -5s.',
      zh: '由带单位（d h m s ms）的数字得到的时长，精确到毫秒，如 1h30m、-5s。',
    },
    example: ['duration("1h30m")', '5400s'],
    overloads: [{ parameters: [string], returns: types.duration }],
    ...readable((site, value) => readDuration(site, text(site, value))),
  },
  part('year', '2026', 'The year.', '年。', (day) => day.year),
  part('month', '11', 'The month, 1 to 12.', '月，1 到 12。', (day) => day.month),
  part('dayOfMonth', '22', 'The day of the month, from 1.', '日，从 1 起。', (day) => day.dayOfMonth),
  {
    name: 'plusDays',
    form: 'method',
    signature: 'date.plusDays(n)',
    help: { en: 'The date n days later, or earlier when n is negative.', zh: 'n 天之后的日期；n 为负则为之前。' },
    example: ['date("2026-02-27").plusDays(2)', '2026-03-01'],
    overloads: [{ parameters: [date, decimal], returns: date }],
    call: (site, _frame, value, days) => {
      const later = dayOf(site, value).epochDay + whole(site, days, -MOST_DAYS, MOST_DAYS)
      if (later < FIRST_DAY || later > LAST_DAY) throw site.fail('expression.overflow')
      return Day.ofEpochDay(later)
    },
  },
]

const MOST_DAYS = 3_660_000
const FIRST_DAY = -719_162
const LAST_DAY = 2_932_896

function part(name: string, result: string, en: string, zh: string, read: (day: Day) => number): BuiltIn {
  return {
    name,
    form: 'method',
    signature: `date.${name}()`,
    help: { en, zh },
    example: [`date("2026-11-22").${name}()`, result],
    overloads: [{ parameters: [date], returns: decimal }],
    call: (site, _frame, value) => new Decimal(String(read(dayOf(site, value)))),
  }
}

function dayOf(site: Site, value: Value): Day {
  if (!(value instanceof Day)) throw wrongType(site, 'date', value)
  return value
}

function readDay(site: Site, value: Value): Day {
  if (value instanceof Day) return value
  if (value instanceof Instant) throw site.fail('expression.arguments', { signature: 'date(instant, zone)' })
  const day = Day.parse(text(site, value))
  return day ?? notReadable(site, value, 'date')
}

function dayAt(site: Site, value: Value, zone: Value): Day {
  const name = text(site, zone)
  return dayIn(name, readInstant(site, value)) ?? notReadable(site, name, 'zone')
}

/** RFC 3339. What `Date.parse` would quietly move (30 February, 24:00) is refused. */
function readInstant(site: Site, value: Value): Instant {
  if (value instanceof Instant) return value
  const given = text(site, value)
  const plausible = given.length <= 40 && Day.parse(given.slice(0, 10)) && given.slice(11, 13) !== '24'
  const found = plausible ? Instant.parse(given) : undefined
  return found ? instantOf(site, found.ms) : notReadable(site, given, 'instant')
}

const UNITS: Readonly<Record<string, string>> = { d: '86400000', h: '3600000', m: '60000', s: '1000', ms: '1' }
const PART = /(\d+(?:\.\d+)?|\.\d+)(ms|[dhms])/gy

function readDuration(site: Site, given: string): Duration {
  const unsigned = given.replace(/^[+-]/, '')
  const parts = given.length <= 64 ? [...unsigned.matchAll(PART)] : []
  if (parts.length === 0 || parts.reduce((length, [matched]) => length + matched.length, 0) !== unsigned.length) {
    return notReadable(site, given, 'duration')
  }
  const ms = parts.reduce(
    (sum, [, count = '0', unit = 'ms']) => sum.plus(new Decimal(count).times(UNITS[unit] ?? '1')),
    new Decimal('0'),
  )
  if (!ms.round(0).eq(ms)) return notReadable(site, given, 'duration')
  return durationOf(site, Number(ms.toFixed()) * (given.startsWith('-') ? -1 : 1))
}

function notReadable(site: Site, given: Value, type: string): never {
  throw site.fail('expression.not-readable', { text: clip(String(given)), type })
}
