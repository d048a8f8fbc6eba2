import { Day, Decimal, HubError, type Problem, type Value } from '@shuniu/contracts'
import { describe, expect, it } from 'vitest'
import { readYaml } from '../config/yaml.ts'
import type { YamlNode } from '../config/node.ts'
import {
  compileNode,
  compileTemplate,
  types,
  type CompiledTemplate,
  type Environment,
  type Scope,
  type Type,
} from './index.ts'

const voucher = types.record(
  {
    book: { type: types.string },
    date: { type: types.date },
    kind: { type: types.oneOf('记', '收', '付'), optional: true },
    entries: {
      type: types.list(
        types.record(
          {
            summary: { type: types.string },
            account: { type: types.string },
            department: { type: types.string, optional: true },
            debit: { type: types.decimal, optional: true },
            credit: { type: types.decimal, optional: true },
          },
          'voucher entry',
        ),
      ),
    },
    remark: { type: types.nullable(types.string), optional: true },
  },
  'voucher',
)

const event = types.record({
  approvalNo: { type: types.string },
  amount: { type: types.decimal },
  payee: { type: types.nullable(types.record({ name: { type: types.string } })) },
  lines: {
    type: types.list(
      types.record({
        category: { type: types.string },
        amount: { type: types.decimal },
        memo: { type: types.nullable(types.string) },
      }),
    ),
  },
})

interface Run {
  readonly asked: string[]
  /** How many look-ups are answered at once before one has to wait. */
  readonly atOnce?: number
}

const environment: Environment<Run> = {
  variables: { event, day: types.date, department: types.string },
  functions: {
    table: {
      parameters: [types.string, types.string],
      returns: types.string,
      asynchronous: true,
      call([name, key], { asked, atOnce = 0 }) {
        const answer = (): Value => {
          asked.push(`${String(name)}/${String(key)}`)
          if (key === 'unknown') throw new HubError('expression.no-such-key', { key })
          return `6602.${String(key)}`
        }
        return asked.length < atOnce ? answer() : Promise.resolve().then(answer)
      },
    },
  },
  lookups: true,
}

const scope: Scope = {
  event: {
    approvalNo: 'A-1',
    amount: new Decimal('300.50'),
    payee: { name: '张三' },
    lines: [
      { category: 'meal', amount: new Decimal('100.25'), memo: '午餐' },
      { category: 'travel', amount: new Decimal('200.25'), memo: null },
    ],
  },
  day: Day.parse('2026-01-05') ?? null,
  department: 'D1',
}

function nodeOf(yaml: string): YamlNode {
  const { node, problems } = readYaml(yaml, 'flow.yaml')
  if (!node) throw problems[0]?.error ?? new Error('no node')
  return node
}

function compiled(yaml: string, expected?: Type): CompiledTemplate<Run> {
  const { template, problems } = compileTemplate(nodeOf(yaml), environment, expected)
  if (!template) throw problems[0]?.error ?? new Error('neither a template nor a problem')
  return template
}

async function value(yaml: string, expected?: Type, given: Scope = scope): Promise<unknown> {
  return plain(await compiled(yaml, expected).evaluate(given, { asked: [] }))
}

function plain(one: Value): unknown {
  return JSON.parse(JSON.stringify(one))
}

function found(yaml: string, expected: Type = voucher): string[] {
  const { problems } = compileTemplate(nodeOf(yaml), environment, expected)
  return problems.map(({ error }: Problem) => `${error.place?.line}:${error.place?.column} ${error.code}`)
}

const complete = `
book: "001"
date: = day
entries:
  - each: event.lines as line
    summary: 付款 \${event.approvalNo} \${line.memo}
    account: = table("expense-account", line.category)
    department: = department
    debit: = line.amount
  - summary: 付款 \${event.approvalNo} \${event.payee.name}
    account: "1002"
    credit: = event.amount
`

describe('a template', () => {
  it('makes the voucher of the design', async () => {
    expect(await value(complete, voucher)).toEqual({
      book: '001',
      date: '2026-01-05',
      entries: [
        { summary: '付款 A-1 午餐', account: '6602.meal', department: 'D1', debit: '100.25' },
        { summary: '付款 A-1 ', account: '6602.travel', department: 'D1', debit: '200.25' },
        { summary: '付款 A-1 张三', account: '1002', credit: '300.5' },
      ],
    })
  })

  it('is asynchronous only with a look-up in it', () => {
    expect(compiled(complete).asynchronous).toBe(true)
    expect(compiled('a: = event.amount').asynchronous).toBe(false)
    expect(compiled('a: = event.amount').evaluate(scope, { asked: [] })).toEqual({ a: new Decimal('300.50') })
  })

  it('asks in the order it is written', async () => {
    const asked: string[] = []
    await compiled('b: = table("t", "1")\na:\n  - = table("t", "2")\n  - x ${table("t", "3")}\n').evaluate(scope, {
      asked,
    })
    expect(asked).toEqual(['t/1', 't/2', 't/3'])
  })

  it.each([0, 1, 2, 3, 4])('is the same when %d look-ups are answered at once', async (atOnce) => {
    const asked: string[] = []
    const yaml = `
a: = table("t", "1")
list:
  - each: event.lines as line
    when: table("t", line.category) != "6602.meal"
    account: = table("u", line.category)
  - = table("t", "2")
b: x
`
    expect(plain(await compiled(yaml).evaluate(scope, { asked, atOnce }))).toEqual({
      a: '6602.1',
      list: [{ account: '6602.travel' }, '6602.2'],
      b: 'x',
    })
    expect(asked).toEqual(['t/1', 't/meal', 't/travel', 'u/travel', 't/2'])
  })

  it('an element hides the variable of its name, for its own record only', async () => {
    const yaml = 'a: = day\nb:\n  - { each: event.lines as day, of: = day.category }\n  - = day\n'
    const b = [{ of: 'meal' }, { of: 'travel' }, '2026-01-05']
    expect(await value(yaml)).toEqual({ a: '2026-01-05', b })
  })

  it('says which variables and look-ups it uses', () => {
    const { variables, calls } = compiled(complete)
    expect(variables).toEqual(['day', 'event', 'department'])
    const place = { file: 'flow.yaml', line: 7, column: 16 }
    expect(calls).toEqual([{ name: 'table', arguments: ['expense-account', undefined], place }])
  })

  it.each([
    ['a: 1.10', { a: '1.1' }],
    ['a: 0.1000000000000000000000000001', { a: '0.1000000000000000000000000001' }],
    ['a: -12', { a: '-12' }],
    ['a: true', { a: true }],
    ['a: null', { a: null }],
    ['a:', { a: null }],
    ['a: text', { a: 'text' }],
    ['a: ""', { a: '' }],
    ['a: [1, [two], {b: false}]', { a: ['1', ['two'], { b: false }] }],
    ['= 1 + 1', '2'],
    ['a: =1 + 1', { a: '2' }],
    ['a: "= 1 + 1"', { a: '2' }],
    ['a: \'= "=" + "x"\'', { a: '=x' }],
    ['a: ${1 + 1} of ${event.amount}', { a: '2 of 300.5' }],
    ['a: "${ {"b": "}"}.b }"'.replaceAll('"}"', "'}'").replaceAll('"b"', "'b'"), { a: '}' }],
    ['a: $${event.amount} costs $5', { a: '${event.amount} costs $5' }],
    ['a: ${event.lines[1].memo}', { a: '' }],
    ['a: ${day}', { a: '2026-01-05' }],
    ['a: ${1}', { a: '1' }],
    ['a: |\n  = event.amount +\n    1\n', { a: '301.5' }],
    ['a: >-\n  folded ${event.approvalNo}\n  text\n', { a: 'folded A-1 text' }],
  ])('%s', async (yaml, expected) => {
    expect(await value(yaml)).toEqual(expected)
  })

  it.each([
    ['- each: event.lines as line\n  when: line.amount > 150\n  c: = line.category', [{ c: 'travel' }]],
    [
      '- each: event.lines as line\n  when: table("t", line.category) != "6602.meal"\n  c: = line.category',
      [{ c: 'travel' }],
    ],
    ['- each: event.lines as line\n  when: false\n  c: 1', []],
    ['- a: 1\n- each: event.lines as line\n  n: x\n- a: 2', [{ a: '1' }, { n: 'x' }, { n: 'x' }, { a: '2' }]],
    ['- each: "[1, 2].map(n, n * 2) as n"\n  n: = n', [{ n: '2' }, { n: '4' }]],
    [
      '- each: event.lines as line\n  inner:\n    - each: "[1, 2] as n"\n      both: ${line.category}${n}',
      [{ inner: [{ both: 'meal1' }, { both: 'meal2' }] }, { inner: [{ both: 'travel1' }, { both: 'travel2' }] }],
    ],
    [
      '- each: event.lines as line\n  all: = event.lines.map(l, l.amount + line.amount).first()',
      [{ all: '200.5' }, { all: '300.5' }],
    ],
  ])('a list with each: %s', async (yaml, expected) => {
    expect(await value(yaml)).toEqual(expected)
  })

  it('leaves a null out where the target knows "absent" but not null', async () => {
    const expected = types.record({
      absent: { type: types.string, optional: true },
      nothing: { type: types.nullable(types.string), optional: true },
    })
    const yaml = 'absent: = event.lines[1].memo\nnothing: = event.lines[1].memo'
    expect(await value(yaml, expected)).toEqual({ nothing: null })
  })

  it('an error has the place of the part that failed', async () => {
    const run = value('book: "001"\nmemo: ${event.payee.name}', undefined, { ...scope, event: { payee: null } })
    await expect(run).rejects.toMatchObject({ code: 'expression.wrong-type', place: { line: 2, column: 21 } })
  })

  it('a list that is none is an error, not an empty voucher', async () => {
    const run = value('- each: event.lines as line\n  a: 1', undefined, { ...scope, event: { lines: {} } })
    await expect(run).rejects.toMatchObject({ code: 'expression.wrong-type', place: { line: 1, column: 9 } })
  })

  it('is stopped when it grows without end', async () => {
    const yaml = `- each: event.lines as a\n  b: = ${'[1,2,3,4,5,6,7,8,9,0].map(v, '.repeat(6)}1${')'.repeat(6)}`
    await expect(value(yaml)).rejects.toMatchObject({ code: 'expression.budget' })
  })
})

describe('what is wrong is found before it runs', () => {
  it('nothing is wrong with the voucher of the design', () => {
    expect(found(complete)).toEqual([])
  })

  it('everything at once, each with its place', () => {
    const yaml = `
book: 101
dat: = day
entries:
  - each: event.lines as line
    sumary: x
    account: = line.amount
    debit: = line.category
    credit: \${line.amonut}
  - summary: x
    account: 1002
    debit: "12"
`
    expect(found(yaml)).toEqual([
      '2:7 template.wrong-type',
      '3:1 template.unknown-field',
      '6:5 template.unknown-field',
      '7:15 template.wrong-type',
      '8:13 template.wrong-type',
      '9:20 expression.unknown-field',
      '9:13 template.wrong-type',
      '5:5 template.missing-field',
      '11:14 template.wrong-type',
      '12:12 template.wrong-type',
      '2:1 template.missing-field',
    ])
  })

  it.each([
    ['a text where money belongs', 'a: = event.approvalNo', types.decimal, ['1:5 template.wrong-type']],
    ['a text with places where money belongs', 'a: ${event.amount}', types.decimal, ['1:4 template.wrong-type']],
    ['a constant text where money belongs', 'a: "12"', types.decimal, ['1:4 template.wrong-type']],
    ['a number where a text belongs', 'a: 1002', types.string, ['1:4 template.wrong-type']],
    ['a text that is not of the list', 'a: 转', types.oneOf('记', '收'), ['1:4 template.wrong-type']],
    ['a text of the list', 'a: 记', types.oneOf('记', '收'), []],
    ['what may be null where it must not', 'a: = event.payee', types.record({}), ['1:5 template.wrong-type']],
    ['null where it must not be', 'a: null', types.string, ['1:4 template.wrong-type']],
    ['nothing where something must be', 'a:', types.string, ['1:3 template.wrong-type']],
    ['null where it may be', 'a: null', types.nullable(types.string), []],
    ['a list where a text belongs', 'a: []', types.string, ['1:4 template.wrong-type']],
    ['a map where a list belongs', 'a: {b: 1}', types.list(types.dyn), ['1:4 template.wrong-type']],
    ['a wrong value in a map', 'a: {b: 1, c: x}', types.map(types.decimal), ['1:14 template.wrong-type']],
    ['a list in a text', 'a: ${event.lines}', types.dyn, ['1:6 expression.wrong-type']],
    ['a mistake in an expression', 'a: = event.amonut', types.dyn, ['1:12 expression.unknown-field']],
    ['a mistake in a quoted expression', "a: '= evnt'", types.dyn, ['1:7 expression.unknown-name']],
    ['an open place', 'a: ${event.amount', types.dyn, ['1:4 expression.syntax']],
    ['an empty place', 'a: ${}', types.dyn, ['1:6 expression.syntax']],
    ['each without a name', 'a: [{each: event.lines, b: 1}]', types.dyn, ['1:12 template.bad-each']],
    ['each over what is no list', 'a: [{each: event.amount as x, b: 1}]', types.dyn, ['1:12 template.wrong-type']],
    [
      'each where texts belong',
      'a: [{each: event.lines as x, b: 1}]',
      types.list(types.string),
      ['1:5 template.wrong-type'],
    ],
    [
      'a condition that is none',
      'a: [{each: event.lines as x, when: x.amount, b: 1}]',
      types.dyn,
      ['1:36 template.wrong-type'],
    ],
    [
      'the name outside of its each',
      'a: [{each: event.lines as x, b: 1}]\nc: = x',
      types.dyn,
      ['2:6 expression.unknown-name'],
    ],
  ] as const)('%s', (_, yaml, type, expected) => {
    expect(found(yaml, types.record({ a: { type }, c: { type: types.dyn, optional: true } }))).toEqual(expected)
  })

  it('says what stands where, and what belongs there', () => {
    const { problems } = compileTemplate(
      nodeOf('entries: [{summary: x, account: 1002}]\nbook: "1"\ndate: = day'),
      environment,
      voucher,
    )
    expect(problems.map(({ error }) => error.message)).toEqual([
      'with.entries[0].account: decimal stands where string belongs.',
    ])
  })

  it.each(['a.__proto__.b', '../../x', 'x/../y', 'a["constructor"]'])('F07: the key %s is refused', (key) => {
    expect(found(`${JSON.stringify(key)}: 1`, types.dyn)).toEqual(['1:1 expression.forbidden-name'])
  })
})

describe('explain', () => {
  it('shows each field with its expression and its look-ups', async () => {
    const entries = await compiled(complete, voucher).explain(scope, { asked: [] })
    expect(
      entries.map(({ path, source, value: one, lookups }) => [path, source, plain(one ?? null), lookups.length]),
    ).toEqual([
      ['with.book', undefined, '001', 0],
      ['with.date', 'day', '2026-01-05', 0],
      ['with.entries[0].summary', '付款 ${event.approvalNo} ${line.memo}', '付款 A-1 午餐', 0],
      ['with.entries[0].account', 'table("expense-account", line.category)', '6602.meal', 1],
      ['with.entries[0].department', 'department', 'D1', 0],
      ['with.entries[0].debit', 'line.amount', '100.25', 0],
      ['with.entries[1].summary', '付款 ${event.approvalNo} ${line.memo}', '付款 A-1 ', 0],
      ['with.entries[1].account', 'table("expense-account", line.category)', '6602.travel', 1],
      ['with.entries[1].department', 'department', 'D1', 0],
      ['with.entries[1].debit', 'line.amount', '200.25', 0],
      ['with.entries[2].summary', '付款 ${event.approvalNo} ${event.payee.name}', '付款 A-1 张三', 0],
      ['with.entries[2].account', undefined, '1002', 0],
      ['with.entries[2].credit', 'event.amount', '300.5', 0],
    ])
    expect(entries[3]?.lookups).toEqual([{ name: 'table', arguments: ['expense-account', 'meal'], value: '6602.meal' }])
  })

  it('shows the fields beside one that fails', async () => {
    const yaml = 'a: = table("t", "unknown")\nb: = event.amount\nc:\n  - each: event.absent as x\n    d: 1'
    const given = { ...scope, event: { amount: new Decimal('1') } }
    const dynamic = { ...environment, dynamic: true }
    const { template } = compileTemplate(nodeOf(yaml), dynamic)
    const entries = await template?.explain(given, { asked: [] })
    expect(entries?.map(({ path, error }) => [path, error?.code])).toEqual([
      ['with.a', 'expression.no-such-key'],
      ['with.b', undefined],
      ['with.c[0]', 'expression.no-such-field'],
    ])
  })
})

describe('an expression that stands alone', () => {
  it('is written without a sign in front', () => {
    const { expression } = alone('event.amount > 300', types.bool)
    expect(expression?.evaluate(scope, { asked: [] })).toBe(true)
  })

  it('may be a bare number or truth', () => {
    expect(alone('true', types.bool).expression?.evaluate(scope, { asked: [] })).toBe(true)
    expect(String(alone('1.10').expression?.evaluate(scope, { asked: [] }))).toBe('1.1')
  })

  it.each([
    ['event.amount', '1:8 template.wrong-type'],
    ['event.amonut > 1', '1:14 expression.unknown-field'],
    ['= event.amount > 1', '1:8 expression.syntax'],
    ['[1]', '1:8 template.wrong-type'],
  ])('%s is refused', (yaml, expected) => {
    const [first] = alone(yaml, types.bool).problems
    expect(`${first?.error.place?.line}:${first?.error.place?.column} ${first?.error.code}`).toBe(expected)
  })
})

function alone(yaml: string, expected?: Type): ReturnType<typeof compileNode<Run>> {
  const node = nodeOf(`where: ${yaml}`)
  const inner = 'items' in node ? (node.items[0] as { value: YamlNode }).value : node
  return compileNode(inner, environment, expected, 'where')
}
