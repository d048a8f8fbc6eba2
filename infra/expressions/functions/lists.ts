import { Decimal, isRecord, type Value } from '@shuniu/contracts'
import type { Frame } from '../budget.ts'
import { compare } from '../comparison.ts'
import type { Site } from '../site.ts'
import { join as joinTypes, types, type Type } from '../types.ts'
import { wrongType } from '../values.ts'
import { listOf, type BuiltIn } from './define.ts'
import { size } from './text.ts'

const { decimal, dyn, string } = types
const elementOf = ([list]: readonly Type[]): Type => (list?.kind === 'list' ? list.of : dyn)

/** Functions on lists and on any value. */
export const listFunctions: readonly BuiltIn[] = [
  {
    name: 'size',
    form: 'either',
    signature: 'size(x) · x.size()',
    help: {
      en: 'Characters of a text, elements of a list, fields of a record.',
      zh: '文本的字符数、列表的元素数、记录的字段数。',
    },
    example: ['size("枢纽")', '2'],
    overloads: [string, types.list(dyn), types.map(dyn)].map((type) => ({ parameters: [type], returns: decimal })),
    call: (site, frame, value) => new Decimal(String(sizeOf(site, frame, value))),
  },
  end('first', '1002', 'The first element; an empty list is an error.', '第一个元素；空列表报错。', 0),
  end('last', '2001', 'The last element; an empty list is an error.', '最后一个元素；空列表报错。', -1),
  extreme('min', '3', 'The smallest of the values, or of one list.', '若干值或一个列表中的最小值。', -1),
  extreme('max', '20', 'The largest of the values, or of one list.', '若干值或一个列表中的最大值。', 1),
  {
    name: 'dyn',
    form: 'function',
    signature: 'dyn(x)',
    help: {
      en: 'The value itself, with its type forgotten: checked when it runs.',
      zh: '值本身，但不做事先类型检查，运行时再检查。',
    },
    example: ['dyn(1) == dyn("1")', 'false'],
    overloads: [{ parameters: [dyn], returns: dyn }],
    call: (_site, _frame, value) => value,
  },
]

function sizeOf(site: Site, frame: Frame, value: Value): number {
  if (Array.isArray(value)) return value.length
  if (isRecord(value)) return Object.keys(value).length
  if (typeof value !== 'string') throw wrongType(site, 'string | list | record', value)
  frame.spend(site, value.length >> 6)
  return size(value)
}

function end(name: string, result: string, en: string, zh: string, position: 0 | -1): BuiltIn {
  return {
    name,
    form: 'method',
    signature: `list.${name}()`,
    help: { en, zh },
    example: [`["1002", "2001"].${name}()`, result],
    overloads: [{ parameters: [types.list(dyn)], returns: elementOf }],
    call: (site, _frame, list) => {
      const found = listOf(site, list).at(position)
      if (found === undefined) throw site.fail('expression.empty-list')
      return found
    },
  }
}

function extreme(name: string, result: string, en: string, zh: string, sign: 1 | -1): BuiltIn {
  return {
    name,
    form: 'function',
    signature: `${name}(a, b, …) · ${name}(list)`,
    help: { en, zh },
    example: [`${name}(20, 3)`, result],
    overloads: [
      { parameters: [types.list(dyn)], returns: elementOf },
      { parameters: [dyn, dyn], rest: true, returns: (given) => given.reduce((a, b) => joinTypes(a, b) ?? dyn) },
    ],
    call: (site, frame, ...given) => {
      const values = given.length === 1 && given[0] !== undefined ? listOf(site, given[0]) : given
      const [first, ...others] = values
      if (first === undefined) throw site.fail('expression.empty-list')
      frame.spend(site, others.length)
      return others.reduce((best, one) => (compare(site, one, best) * sign > 0 ? one : best), first)
    },
  }
}
