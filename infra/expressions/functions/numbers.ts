import { Decimal, type Value } from '@shuniu/contracts'
import { decimalOf } from '../lexer.ts'
import { checkDigits, clip, wrongType } from '../values.ts'
import type { Site } from '../site.ts'
import { types } from '../types.ts'
import { number, readable, text, whole, type BuiltIn } from './define.ts'

const { decimal, string } = types
const MOST_SCALE = 20

const NUMBER = /^[+-]?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?$/
const PLAIN = /^-?\d+(\.\d+)?$/

/** Rounding modes by name, as big.js numbers them. */
const modes = { down: 0, 'half-up': 1, 'half-even': 2, up: 3 } as const
const mode = types.oneOf('half-up', 'half-even', 'down', 'up')

export const numberFunctions: readonly BuiltIn[] = [
  {
    name: 'decimal',
    form: 'function',
    signature: 'decimal(x)',
    help: { en: 'The exact number that a text says; `1e3` is one too.', zh: '文本所写的精确数字，允许指数写法。' },
    example: ['decimal("12.50") * 2', '25'],
    overloads: [
      { parameters: [string], returns: decimal },
      { parameters: [decimal], returns: decimal },
    ],
    ...readable((site, value) => readDecimal(site, value, NUMBER, 'decimal')),
  },
  {
    name: 'money',
    form: 'function',
    signature: 'money(x)',
    help: {
      en: 'An amount from a text of plain digits or a number: at most 4 decimals and 16 digits before the point, anything else is refused.',
      zh: '由纯数字文本或数字得到金额：最多 4 位小数、16 位整数，其他写法一律拒绝。',
    },
    example: ['money("386000.00")', '386000'],
    overloads: [
      { parameters: [string], returns: decimal },
      { parameters: [decimal], returns: decimal },
    ],
    ...readable(readMoney),
  },
  {
    name: 'round',
    form: 'function',
    signature: 'round(x[, scale[, mode]])',
    help: {
      en: 'Rounded to `scale` decimals (0). Modes: "half-up" (half away from zero, the default), "half-even", "down" (towards zero), "up" (away from zero).',
      zh: '按小数位数（默认 0）取整。模式："half-up"（默认，四舍五入）、"half-even"、"down"（向零）、"up"（远离零）。',
    },
    example: ['round(-2.345, 2)', '-2.35'],
    overloads: [{ parameters: [decimal, decimal, mode], optional: 2, returns: decimal }],
    call: (site, _frame, value, scale: Value = new Decimal('0'), by: Value = 'half-up') =>
      checkDigits(site, number(site, value)).round(whole(site, scale, 0, MOST_SCALE), modeOf(site, by)),
  },
  {
    name: 'divide',
    form: 'function',
    signature: 'divide(a, b, scale[, mode])',
    help: {
      en: 'a ÷ b with `scale` decimals, rounded once; modes as in round().',
      zh: 'a ÷ b，保留 scale 位小数，只舍入一次；模式同 round()。',
    },
    example: ['divide(100, 3, 2, "half-up")', '33.33'],
    overloads: [{ parameters: [decimal, decimal, decimal, mode], optional: 1, returns: decimal }],
    call: (site, frame, a, b, scale, by: Value = 'half-up') => {
      const [dividend, divisor] = [checkDigits(site, number(site, a)), checkDigits(site, number(site, b))]
      if (divisor.c[0] === 0) throw site.fail('expression.divide-by-zero')
      frame.spend(site, ((dividend.c.length + Math.abs(dividend.e - divisor.e)) * divisor.c.length) >> 6)
      return divide(dividend, divisor, whole(site, scale, 0, MOST_SCALE), modeOf(site, by))
    },
  },
  {
    name: 'abs',
    form: 'function',
    signature: 'abs(x)',
    help: { en: 'Without its sign.', zh: '绝对值。' },
    example: ['abs(-3.5)', '3.5'],
    overloads: [{ parameters: [decimal], returns: decimal }],
    call: (site, _frame, value) => number(site, value).abs(),
  },
  {
    name: 'fixed',
    form: 'function',
    signature: 'fixed(x, scale)',
    help: {
      en: 'Text with exactly that many decimals. Refused when digits would be lost: round first.',
      zh: '固定小数位数的文本；会丢失数字时拒绝，请先取整。',
    },
    example: ['fixed(1200.5, 2)', '1200.50'],
    overloads: [{ parameters: [decimal, decimal], returns: string }],
    call: (site, _frame, value, scale) => {
      const amount = checkDigits(site, number(site, value))
      const places = whole(site, scale, 0, MOST_SCALE)
      if (!amount.round(places).eq(amount)) {
        throw site.fail('expression.out-of-range', { value: clip(amount.toFixed()), range: `${places} decimals` })
      }
      return amount.toFixed(places)
    },
  },
]

/** A constructor of its own, because big.js keeps scale and rounding of a division there. */
const Divider = Decimal()
Divider.strict = true

function divide(a: Decimal, b: Decimal, scale: number, rounding: 0 | 1 | 2 | 3): Decimal {
  Divider.DP = scale
  Divider.RM = rounding
  return new Decimal(new Divider(a).div(b))
}

function modeOf(site: Site, value: Value): 0 | 1 | 2 | 3 {
  const name = text(site, value)
  if (!Object.hasOwn(modes, name)) {
    throw site.fail('expression.out-of-range', { value: clip(name), range: Object.keys(modes).join(' | ') })
  }
  return modes[name as keyof typeof modes]
}

/** What the contracts' decimal(20,4) can hold. */
function readMoney(site: Site, value: Value): Decimal {
  const amount = readDecimal(site, value, PLAIN, 'money')
  if (amount.c.length - 1 - amount.e > 4 || amount.e > 15) throw notReadable(site, amount.toFixed(), 'money')
  return amount
}

function readDecimal(site: Site, value: Value, pattern: RegExp, type: string): Decimal {
  if (value instanceof Decimal) return checkDigits(site, value)
  if (typeof value !== 'string') throw wrongType(site, 'string | decimal', value)
  const found = value.length <= 400 && pattern.test(value) ? decimalOf(value.replace(/^\+/, '')) : undefined
  if (!found) throw notReadable(site, value, type)
  return found
}

function notReadable(site: Site, value: string, type: string): Error {
  return site.fail('expression.not-readable', { text: clip(value), type })
}
