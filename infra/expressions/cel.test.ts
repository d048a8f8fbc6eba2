import { readFileSync } from 'node:fs'
import { Day, Decimal, Duration, HubError, Instant, isDecimal, type Value } from '@shuniu/contracts'
import { describe, expect, it } from 'vitest'
import { compileExpression, durationText, instantText, types } from './index.ts'

/** Evaluates without types, as `shuniu expr` does; an error becomes its code. */
function outcome(source: string, scope: Readonly<Record<string, Value>> = {}): unknown {
  const variables = Object.fromEntries(Object.keys(scope).map((name) => [name, types.dyn]))
  const { expression, problems } = compileExpression(source, { variables, dynamic: true })
  if (!expression) return `error ${problems[0]?.error.code}`
  try {
    return plain(expression.evaluate(scope) as Value)
  } catch (error) {
    return error instanceof HubError ? `error ${error.code}` : error
  }
}

/** Numbers as text in plain digits, so that nothing is compared as a float. */
function plain(value: Value): unknown {
  if (isDecimal(value)) return `#${value.toFixed()}`
  if (value instanceof Instant) return instantText(value)
  if (value instanceof Duration) return durationText(value)
  if (value instanceof Day) return value.text
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]))
}

const WRONG = 'error expression.wrong-type'
const SYNTAX = 'error expression.syntax'

type Row = readonly [source: string, expected: unknown]

/** Constructs that mean the same here as in CEL. */
const shared: Readonly<Record<string, readonly Row[]>> = {
  literals: [
    ['17', '#17'],
    ['-9223372036854775808', '#-9223372036854775808'],
    ['0x1F', '#31'],
    ['-0xff', '#-255'],
    ['-2.3e+1', '#-23'],
    ['.99', '#0.99'],
    ['1e3', '#1000'],
    ['true', true],
    ['false', false],
    ['null', null],
    ['[]', []],
    ['{}', {}],
    ['[1, 2,]', ['#1', '#2']],
    ['{"k": "v",}', { k: 'v' }],
  ],
  texts: [
    [`'hello'`, 'hello'],
    [`"it's"`, "it's"],
    [`'''x''x'''`, "x''x"],
    ['"""a\nb"""', 'a\nb'],
    [String.raw`' \\ \? \" \' \` '`, ' \\ ? " \' ` '],
    [String.raw`"\a\b\f\n\r\t\v"`, '\x07\b\f\n\r\t\v'],
    [String.raw`"\x41\X42\u5143\U0001F436\101\377"`, 'AB元🐶Aÿ'],
    [String.raw`"\uD83D\uDC36"`, '🐶'],
    [String.raw`r'\n\d'`, '\\n\\d'],
    [String.raw`R"""\"""`, '\\'],
    [`'Am\\u00E9lie' == 'Ame\\u0301lie'`, false],
    ['"a\nb"', SYNTAX],
    [String.raw`"\q"`, SYNTAX],
    [String.raw`"\U00110000"`, SYNTAX],
    [String.raw`"\uD83D"`, SYNTAX],
    ['"open', SYNTAX],
  ],
  precedence: [
    ['1 + 2 * 3', '#7'],
    ['(1 + 2) * 3', '#9'],
    ['10 - 3 - 2', '#5'],
    ['-2 * -3', '#6'],
    ['1 + 1 == 2 && 3 > 2 || false', true],
    ['true || false && false', true],
    ['!true || true', true],
    ['!(true || true)', false],
    ['1 < 2 == true', true],
    ['true ? 1 : true ? 2 : 3', '#1'],
    ['false ? 1 : false ? 2 : 3', '#3'],
    ['1 in [1] && true', true],
    ['-[5][0]', '#-5'],
    ['!!true', true],
    ['--19', '#19'],
    ['---19', '#-19'],
    ['1 == 2 ? "a" : "b"', 'b'],
    ['!-1', SYNTAX],
    ['1 +', SYNTAX],
    ['(1', SYNTAX],
    ['1 2', SYNTAX],
    ['', SYNTAX],
  ],
  'white space and comments': [
    ['[\t1\n,\f2\r]  [ 0 ] // the first\n + 1', '#2'],
    ['1 // end', '#1'],
  ],
  conditional: [
    ['true ? 1 : divide(1, 0, 0)', '#1'],
    ['false ? divide(1, 0, 0) : 2', '#2'],
    ['true ? "cows" : 17', 'cows'],
    ['"cows" ? false : 17', WRONG],
    ['divide(2, 0, 0) > 4 ? "baz" : "quux"', 'error expression.divide-by-zero'],
  ],
  logic: [
    ['true && true', true],
    ['true && false', false],
    ['false && true', false],
    ['false && 32', false],
    ['true || 32', true],
    ['false || true', true],
    ['false || false', false],
    ['false && (divide(2, 0, 0) > 3 ? false : true)', false],
    ['true || divide(1, 0, 0) == 1', true],
    ['true && divide(1, 0, 0) != 0', 'error expression.divide-by-zero'],
    ['"less filling" && "tastes great"', WRONG],
    ['!0', WRONG],
  ],
  equality: [
    ['1 == 1.0', true],
    ['[1.0, 2.0, 3] == [1, 2, 3]', true],
    ['1 == "1"', false],
    ['1 != "1"', true],
    ['false == null', false],
    ['null == null', true],
    ['[null] == [null]', true],
    ['["one"] == [2, 3]', false],
    ['[1, "dos", 3] == [1, 2, 4]', false],
    ['[1, 2, 3] == [1, 3, 2]', false],
    ['{} == {}', true],
    ['{"k": 1.0} == {"k": 1e+0}', true],
    ['{"a": 1, "b": 2} == {"b": 2, "a": 1}', true],
    ['{"k": "v", "k1": 1} == {"k": "v"}', false],
    ['{"k": null} == {"j": null}', false],
    ['{} == []', false],
    ['"abc" == r"abc"', true],
  ],
  order: [
    ['-1 < 0', true],
    ['-0.0 < 0.0', false],
    ['1.0 < 1.0000001', true],
    ['9007199254740993 > 9007199254740992', true],
    ['"Abc" < "aBC"', true],
    ['"abc" < "abcd"', true],
    ['"a" < "á"', true],
    ['"\\uFFFF" < "\\U0001F436"', true],
    ['false < true', true],
    ['true <= true', true],
    ['[0] < [1]', WRONG],
    ['{"a": 0} < {"a": 1}', WRONG],
    ['null < null', WRONG],
    ['1 < "2"', WRONG],
  ],
  'lists and in': [
    ['[7, 8, 9][0]', '#7'],
    ['[7, 8, 9][0.0]', '#7'],
    ['[7, 8, 9][0.1]', 'error expression.out-of-range'],
    ['[1, 2, 3][3]', 'error expression.out-of-range'],
    ['[1][-1]', 'error expression.out-of-range'],
    ['[1]["0"]', WRONG],
    ['[0, 1] + [2] == [0, 1, 2]', true],
    ['[] + [3]', ['#3']],
    ['7 in []', false],
    ['3.0 in [5, 4, 3]', true],
    ['"1" in [1]', false],
    ['"George" in {"John": 1, "George": 2}', true],
    ['"spider" in {"ant": 6}', false],
    ['7 in {}', false],
    ['1 in 1', WRONG],
  ],
  'fields and keys': [
    ['{"name": 100}["name"]', '#100'],
    ['x.name', '#1024'],
    ['{"map": {"k": "v"}}.map.k', 'v'],
    ['{"a": 1}.b', 'error expression.no-such-field'],
    ['{"a": 1}["b"]', 'error expression.no-such-key'],
    ['[1].a', WRONG],
    ['15.pancakes', WRONG],
    ['null.a', WRONG],
    ['{"if": 1}.if', '#1'],
    ['{"in": 1}.in', SYNTAX],
    ['{"a": 1, "a": 2}', 'error expression.duplicate-key'],
    ['{null: false}', WRONG],
  ],
  has: [
    ['has({"a": 1}.a)', true],
    ['has({"a": 1}.c)', false],
    ['has({}.a)', false],
    ['has({"a": null}.a)', true],
    ['has({"a": {"b": 1}}.a.b)', true],
    ['has({}.a.b)', 'error expression.no-such-field'],
    ['has(1.a)', WRONG],
    ['has(x)', 'error expression.arguments'],
  ],
  macros: [
    ['[1, 2, 3].exists(e, e > 2)', true],
    ['[1, "foo", 3].exists(e, e == "10")', false],
    ['[].exists(e, e == 2)', false],
    ['{"k1": 1, "k2": 2}.exists(k, k == "k2")', true],
    ['[1, 2, 3].all(e, e > 0)', true],
    ['[1, "foo", 3].all(e, e == 1)', false],
    ['[].all(e, e > 0)', true],
    ['{"k1": 1, "k2": 2}.all(k, k == "k2")', false],
    ['[1, 2].all(e, divide(e, 0, 0) != 17)', 'error expression.divide-by-zero'],
    ['[7].exists_one(a, a == 7)', true],
    ['[7, 7].exists_one(a, a == 7)', false],
    ['[3, 2, 0].exists_one(n, divide(12, n, 0) > 1)', 'error expression.divide-by-zero'],
    ['[0, 1, 2].filter(x, x > 0)', ['#1', '#2']],
    ['[3, 0].filter(n, divide(12, n, 0) > 4)', 'error expression.divide-by-zero'],
    ['[3].map(n, n * n)', ['#9']],
    ['[].map(n, n)', []],
    ['["signer"].filter(s, ["artifact"].all(a, true))', ['signer']],
    [
      '[1, 2].map(x, [10, 20].map(y, x + y))',
      [
        ['#11', '#21'],
        ['#12', '#22'],
      ],
    ],
    ['[1].map(x, [2].map(x, x))', [['#2']]],
    ['x.name + [1].map(x, x)[0]', '#1025'],
    ['[1].all(1, true)', 'error expression.arguments'],
    ['[1].all(e)', 'error expression.arguments'],
    ['[1].filter(e, 1)', WRONG],
    ['1.map(e, e)', WRONG],
  ],
  'functions on texts': [
    ['size("")', '#0'],
    ['size("πέντε")', '#5'],
    ['"🐶".size()', '#1'],
    ['size([1, 2])', '#2'],
    ['size({"a": 1})', '#1'],
    ['"foobar".startsWith("foo")', true],
    ['"foobar".startsWith("")', true],
    ['"".startsWith("foo")', false],
    ['"forté".endsWith("té")', true],
    ['"abababc".contains("ababc")', true],
    ['"he" + "llo"', 'hello'],
    ['"a" + 1', WRONG],
    ['"tacocat".substring(4)', 'cat'],
    ['"ta©o©αT".substring(2, 6)', '©o©α'],
    ['"tacocat".substring(7)', ''],
    ['"tacocat".substring(8)', 'error expression.out-of-range'],
    ['"hello world".split(" ")', ['hello', 'world']],
    ['"{0} days {0} hours".replace("{0}", "2")', '2 days 2 hours'],
    [String.raw`"\u0085\u00a0\u3000 text\n ".trim()`, 'text'],
    [String.raw`"\u200btext\ufeff".trim() == "\u200btext\ufeff"`, true],
    ['["x", "y"].join()', 'xy'],
    ['["x", "y"].join("-")', 'x-y'],
    ['[].join("-")', ''],
  ],
  conversions: [
    ['string(123)', '123'],
    ['string(-4.5e-3)', '-0.0045'],
    ['string(true)', 'true'],
    ['string("a")', 'a'],
    ['string(null)', WRONG],
    ['string([1])', WRONG],
    ['dyn(1) == 1', true],
  ],
  'instants and durations': [
    ['string(timestamp("2009-02-13T23:31:30Z"))', '2009-02-13T23:31:30Z'],
    ['timestamp("2009-02-13T23:31:30+08:00") == timestamp("2009-02-13T15:31:30Z")', true],
    ['string(duration("1000000s"))', '1000000s'],
    ['duration("1h1m1.5s")', '3661.5s'],
    ['duration("-90s")', '-90s'],
    ['duration("60s") == duration("1m")', true],
    ['duration("200s") < duration("300s")', true],
    ['timestamp("2009-02-13T23:00:00Z") + duration("240s")', '2009-02-13T23:04:00Z'],
    ['duration("120s") + timestamp("2009-02-13T23:01:00Z")', '2009-02-13T23:03:00Z'],
    ['duration("600s") + duration("50s")', '650s'],
    ['timestamp("2009-02-13T23:10:00Z") - duration("600s")', '2009-02-13T23:00:00Z'],
    ['timestamp("2009-02-13T23:31:00Z") - timestamp("2009-02-13T23:29:00Z")', '120s'],
    ['duration("900s") - duration("42s")', '858s'],
    ['-duration("1s")', '-1s'],
    ['timestamp("2009-02-13T23:00:00Z") <= timestamp("2009-02-13T22:59:59Z")', false],
    ['timestamp("0000-01-01T00:00:00Z")', 'error expression.overflow'],
    ['timestamp("10000-01-01T00:00:00Z")', 'error expression.not-readable'],
    ['timestamp("0001-01-01T00:00:00Z") + duration("-1s")', 'error expression.overflow'],
    ['timestamp("9999-12-31T23:59:59Z") + duration("1s")', 'error expression.overflow'],
    ['timestamp("9999-12-31T23:59:59Z") - timestamp("0001-01-01T00:00:00Z")', 'error expression.overflow'],
    ['duration("320000000000s")', 'error expression.overflow'],
    ['duration("9000000000s") + duration("9000000000s")', 'error expression.overflow'],
    ['timestamp("2026-02-30T00:00:00Z")', 'error expression.not-readable'],
  ],
  'what CEL promises to nest and to repeat': [
    [`${'('.repeat(32)}7${')'.repeat(32)}`, '#7'],
    [`${'['.repeat(12)}0${']'.repeat(12)}.size()`, '#1'],
    [`${'true ? true : '.repeat(32)}false`, true],
    [`${'false || '.repeat(32)}true`, true],
    [`${'true && '.repeat(32)}false`, false],
    [`${'3 - 3 + '.repeat(24)}3`, '#3'],
    [`${'!'.repeat(32)}true`, true],
    [`${'-'.repeat(32)}19`, '#19'],
    [`[${Array.from({ length: 32 }, (_, at) => at).join()}][17]`, '#17'],
    [`x${'.x'.repeat(32)}`, 'error expression.no-such-field'],
    [`max(${Array.from({ length: 32 }, (_, at) => at).join()})`, '#31'],
  ],
}

const record = { x: { name: new Decimal('1024') } }

describe.each(Object.entries(shared))('as in CEL: %s', (_, rows) => {
  it.each(rows)('%s', (source, expected) => {
    expect(outcome(source, record)).toEqual(expected)
  })
})

/** Each row of the table in the docs, by the text of its first cell, with what shows it. */
const differences: Readonly<Record<string, readonly Row[]>> = {
  'One number type: exact decimal': [
    ['0.1 + 0.2 == 0.3', true],
    ['1 == 1.00', true],
    ['2u', SYNTAX],
    ['9223372036854775807 + 1', '#9223372036854775808'],
    ['1e308 * 10', `#1${'0'.repeat(309)}`],
    ['1e400', 'error expression.overflow'],
    ['1e300 * 1e300', 'error expression.overflow'],
    ['string(1.50)', '1.5'],
  ],
  'No `/` and no `%`': [
    ['1 / 2', 'error expression.no-division'],
    ['5 % 2', 'error expression.no-division'],
    ['divide(1, 3, 4, "half-up")', '#0.3333'],
    ['divide(1, 0, 2)', 'error expression.divide-by-zero'],
  ],
  'Errors always surface, from left to right': [
    ['(divide(2, 0, 0) > 3 ? false : true) && false', 'error expression.divide-by-zero'],
    ['divide(2, 0, 0) > 3 || true', 'error expression.divide-by-zero'],
    ['"horses" && false', WRONG],
    ['"horses" || true', WRONG],
    ['x.absent || true', 'error expression.no-such-field'],
    ['[divide(1, 0, 0), x.absent]', 'error expression.divide-by-zero'],
  ],
  '`all` and `exists` stop at the first element that decides': [
    ['[0, 1].exists(e, divide(1, e, 0) == 1)', 'error expression.divide-by-zero'],
    ['[1, 0].exists(e, divide(1, e, 0) == 1)', true],
    ['[2, 1, 3].all(e, divide(6, 2 - e, 0) == 6)', 'error expression.divide-by-zero'],
    ['[3, 2].all(e, divide(6, 2 - e, 0) == 6)', false],
  ],
  'Keys of records are texts': [
    ['{1: "one"}', WRONG],
    ['{true: 5}', WRONG],
    ['{"a": 1}[1]', WRONG],
  ],
  'Names that reach behind data are refused': [
    ['x.constructor', 'error expression.forbidden-name'],
    ['{"__proto__": 1}', 'error expression.forbidden-name'],
    ['x["proto" + "type"]', 'error expression.forbidden-name'],
  ],
  'No bytes': [['b"abc"', SYNTAX]],
  'No types as values and no conversions between number types': [
    ['type(1)', 'error expression.unknown-function'],
    ['int("1")', 'error expression.unknown-function'],
    ['double(1)', 'error expression.unknown-function'],
    ['decimal("1.5") + round(2.7, 0, "down")', '#3.5'],
  ],
  'No regular expressions': [['"a".matches("a+")', 'error expression.unknown-function']],
  'No messages, no packages': [
    ['Money{units: 1}', SYNTAX],
    ['.x', SYNTAX],
  ],
  'No optional values': [
    ['x.?name', SYNTAX],
    ['x[?0]', SYNTAX],
    ['coalesce(null, 1)', '#1'],
  ],
  'Dates are a type of their own': [
    ['date("2026-02-27").plusDays(2) == date("2026-03-01")', true],
    ['date("2026-01-31T16:30:00Z", "Asia/Shanghai")', '2026-02-01'],
    ['date("2026-01-31") < date("2026-02-01")', true],
    ['date("2026-01-31") == "2026-01-31"', false],
    ['timestamp("2026-01-31T16:30:00Z").getMonth()', 'error expression.unknown-function'],
    ['date("2026-02-30")', 'error expression.not-readable'],
  ],
  'Instants and durations have whole milliseconds': [
    ['timestamp("2026-01-01T00:00:00.123456789Z")', '2026-01-01T00:00:00.123Z'],
    ['timestamp("2026-01-05T03:30Z")', '2026-01-05T03:30:00Z'],
    ['duration("1ns")', 'error expression.not-readable'],
    ['duration("0.5ms")', 'error expression.not-readable'],
    ['duration("2d")', '172800s'],
  ],
  '`map` and `filter` go over the names of a record, too': [
    ['{"a": 1, "b": 2}.map(k, k)', ['a', 'b']],
    ['{"a": 1, "b": 2}.filter(k, k == "b")', ['b']],
  ],
  'More functions': [
    ['[{"a": 1.1}, {"a": 2.2}].sum(l, l.a)', '#3.3'],
    ['[1, 2].first() + [1, 2].last()', '#3'],
    ['max([1, 3, 2]) - min(4, 5)', '#-1'],
    ['"Ab".lower() + "Ab".upper()', 'abAB'],
  ],
  Budgets: [
    [`${'1 + '.repeat(300)}1`, 'error expression.too-large'],
    [`${'('.repeat(65)}1${')'.repeat(65)}`, 'error expression.too-large'],
    ['"x".padLeft(1000000, "x") + "x"', 'error expression.budget'],
  ],
}

describe.each(Object.entries(differences))('unlike CEL: %s', (_, rows) => {
  it.each(rows)('%s', (source, expected) => {
    expect(outcome(source, { x: {} })).toEqual(expected)
  })
})

describe('the table of differences in the docs', () => {
  const pages = ['expressions.md', 'expressions.zh-CN.md'].map((name) =>
    readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8'),
  )
  it('has exactly the rows that are tested here', () => {
    const titles = rowsOf(pages[0] ?? '').map((row) => row.split(' | ')[0]?.slice(2))
    expect(titles).toEqual(Object.keys(differences))
  })

  it('has as many rows in Chinese', () => {
    expect(rowsOf(pages[1] ?? '').length).toBe(Object.keys(differences).length)
  })
})

/** The rows of the table in the section about CEL. */
function rowsOf(page: string): string[] {
  const section = page.split(/^## /m).find((part) => /^[^\n]*CEL/.test(part)) ?? ''
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
}
