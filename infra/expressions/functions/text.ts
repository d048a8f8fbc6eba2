import type { Value } from '@shuniu/contracts'
import { checkItems, checkTextLength, madeText, type Frame } from '../budget.ts'
import type { Site } from '../site.ts'
import { types } from '../types.ts'
import { listOf, text, whole, type BuiltIn } from './define.ts'
import { textOf } from './write.ts'

const { string, bool, decimal } = types
const MOST = 1_000_000

/** Functions on texts. Positions and lengths count code points, as in CEL. Nothing backtracks: there are no patterns. */
export const textFunctions: readonly BuiltIn[] = [
  {
    name: 'string',
    form: 'function',
    signature: 'string(x)',
    help: {
      en: 'The text of a value: numbers in plain digits, dates and instants in ISO 8601, durations in seconds.',
      zh: '值的文本：数字不带指数，日期和时刻为 ISO 8601，时长以秒表示。',
    },
    example: ['string(1200.50)', '1200.5'],
    overloads: [string, decimal, bool, types.date, types.instant, types.duration].map((type) => ({
      parameters: [type],
      returns: string,
    })),
    call: (site, frame, value) => madeText(site, frame, textOf(site, value)),
  },
  test(
    'contains',
    '"付款单".contains("款")',
    'true',
    'Whether the text has this part.',
    '文本是否包含这一部分。',
    (a, b) => a.includes(b),
  ),
  test('startsWith', '"1002.01".startsWith("1002")', 'true', 'Whether it begins so.', '文本是否以此开头。', (a, b) =>
    a.startsWith(b),
  ),
  test('endsWith', '"a.pdf".endsWith(".pdf")', 'true', 'Whether it ends so.', '文本是否以此结尾。', (a, b) =>
    a.endsWith(b),
  ),
  change('upper', '"cny".upper()', 'CNY', 'In capital letters.', '转为大写。', (value) => value.toUpperCase()),
  change('lower', '"CNY".lower()', 'cny', 'In small letters.', '转为小写。', (value) => value.toLowerCase()),
  change('trim', '" 001 ".trim()', '001', 'Without white space at both ends.', '去掉首尾空白。', trim),
  {
    name: 'replace',
    form: 'method',
    signature: 'text.replace(old, new)',
    help: { en: 'Every occurrence of a part replaced.', zh: '替换所有出现的部分。' },
    example: ['"386,000.00".replace(",", "")', '386000.00'],
    overloads: [{ parameters: [string, string, string], returns: string }],
    call: (site, frame, value, old, by) => replace(site, frame, text(site, value), text(site, old), text(site, by)),
  },
  {
    name: 'split',
    form: 'method',
    signature: 'text.split(separator)',
    help: {
      en: 'The parts between the separators; an empty separator gives the characters.',
      zh: '按分隔符拆分；空分隔符拆成单个字符。',
    },
    example: ['"1002.01".split(".")', '["1002","01"]'],
    overloads: [{ parameters: [string, string], returns: types.list(string) }],
    call: split,
  },
  {
    name: 'substring',
    form: 'method',
    signature: 'text.substring(start[, end])',
    help: {
      en: 'Characters from `start` (counted from 0) up to, without, `end`.',
      zh: '从 start（从 0 起）到 end（不含）的字符。',
    },
    example: ['"2026-11".substring(0, 4)', '2026'],
    overloads: [{ parameters: [string, decimal, decimal], optional: 1, returns: string }],
    call: (site, frame, value, start, end?: Value) => {
      const all = text(site, value)
      frame.spend(site, all.length >> 2)
      const characters = size(all) === all.length ? all : Array.from(all)
      const to = end === undefined ? characters.length : whole(site, end, 0, characters.length)
      const part = characters.slice(whole(site, start, 0, to), to)
      return typeof part === 'string' ? part : part.join('')
    },
  },
  {
    name: 'padLeft',
    form: 'method',
    signature: 'text.padLeft(width[, fill])',
    help: {
      en: 'At least `width` characters, filled on the left with spaces or the given character.',
      zh: '左侧补足到 width 个字符，默认补空格。',
    },
    example: ['"7".padLeft(4, "0")', '0007'],
    overloads: [{ parameters: [string, decimal, string], optional: 1, returns: string }],
    call: (site, frame, value, width, fill: Value = ' ') => {
      const wanted = whole(site, width, 0, MOST) - size(text(site, value))
      const by = text(site, fill)
      if (size(by) !== 1) throw site.fail('expression.out-of-range', { value: by.slice(0, 40), range: '1 character' })
      checkTextLength(site, by.length * wanted)
      return madeText(site, frame, by.repeat(Math.max(0, wanted)) + text(site, value))
    },
  },
]

/** Length in code points. */
export function size(value: string): number {
  let count = value.length
  for (let at = 1; at < value.length; at++) {
    const low = value.charCodeAt(at)
    const high = value.charCodeAt(at - 1)
    if (low >= 0xdc00 && low < 0xe000 && high >= 0xd800 && high < 0xdc00) count--
  }
  return count
}

const SPACE = /[\s\x85]/

/** Unicode white space at both ends; the byte order mark is no white space. */
function trim(value: string): string {
  const isSpace = (at: number): boolean => SPACE.test(value.charAt(at)) && value.charCodeAt(at) !== 0xfeff
  let start = 0
  let end = value.length
  while (start < end && isSpace(start)) start++
  while (end > start && isSpace(end - 1)) end--
  return value.slice(start, end)
}

function replace(site: Site, frame: Frame, value: string, old: string, by: string): string {
  const parts = old === '' ? [...value].length + 1 : value.split(old).length - 1
  frame.spend(site, parts)
  checkTextLength(site, value.length + parts * (by.length - old.length))
  return madeText(
    site,
    frame,
    value.replaceAll(old, () => by),
  )
}

function split(site: Site, frame: Frame, value: Value, separator: Value): Value {
  const by = text(site, separator)
  const parts = by === '' ? spread(site, frame, text(site, value)) : text(site, value).split(by)
  checkItems(site, frame, parts.length)
  return parts
}

function spread(site: Site, frame: Frame, value: string): string[] {
  frame.spend(site, value.length >> 2)
  return Array.from(value)
}

type Words = readonly [example: string, result: string, en: string, zh: string]

function test(name: string, ...rest: [...Words, (a: string, b: string) => boolean]): BuiltIn {
  const [example, result, en, zh, holds] = rest
  return {
    name,
    form: 'method',
    signature: `text.${name}(part)`,
    help: { en, zh },
    example: [example, result],
    overloads: [{ parameters: [string, string], returns: bool }],
    call: (site, frame, value, part) => {
      const all = text(site, value)
      frame.spend(site, all.length >> 8)
      return holds(all, text(site, part))
    },
  }
}

function change(name: string, ...rest: [...Words, (value: string) => string]): BuiltIn {
  const [example, result, en, zh, apply] = rest
  return {
    name,
    form: 'method',
    signature: `text.${name}()`,
    help: { en, zh },
    example: [example, result],
    overloads: [{ parameters: [string], returns: string }],
    call: (site, frame, value) => madeText(site, frame, apply(text(site, value))),
  }
}

/** The texts of a list joined into one. */
export const join: BuiltIn = {
  name: 'join',
  form: 'method',
  signature: 'list.join([separator])',
  help: {
    en: 'The texts of a list in one, with a separator between them.',
    zh: '把列表中的文本连接起来，可指定分隔符。',
  },
  example: ['["差旅", "住宿"].join("、")', '差旅、住宿'],
  overloads: [{ parameters: [types.list(string), string], optional: 1, returns: string }],
  call: (site, frame, list, separator: Value = '') => {
    const parts = listOf(site, list).map((one) => text(site, one))
    frame.spend(site, parts.length)
    const between = text(site, separator)
    checkTextLength(
      site,
      parts.reduce((length, part) => length + part.length + between.length, 0),
    )
    return madeText(site, frame, parts.join(between))
  },
}
