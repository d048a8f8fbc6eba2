import type { Problem } from '@shuniu/contracts'
import { describe, expect, it } from 'vitest'
import { compileExpression, typeName, types, type Environment } from './index.ts'

const line = types.record({
  category: { type: types.string },
  amount: { type: types.decimal },
  memo: { type: types.nullable(types.string) },
})

const event = types.record(
  {
    approvalNo: { type: types.string },
    currency: { type: types.oneOf('CNY', 'USD') },
    amount: { type: types.decimal },
    approvedAt: { type: types.instant },
    payee: { type: types.nullable(types.record({ name: { type: types.string } })) },
    note: { type: types.string, optional: true },
    lines: { type: types.list(line) },
  },
  'approval.payment.approved',
)

const environment: Environment = {
  variables: { event, day: types.date, anything: types.dyn, fields: types.map(types.string) },
}

function problemsOf(source: string): readonly Problem[] {
  return compileExpression(source, environment, { file: 'flow.yaml', line: 7, column: 10 }).problems
}

function found(source: string): string[] {
  return problemsOf(source).map(({ error }) => `${error.place?.column} ${error.code}`)
}

function typeOf(source: string): string {
  const { expression, problems } = compileExpression(source, environment)
  return expression ? typeName(expression.type) : problems.map(({ error }) => error.message).join()
}

describe('what is certainly wrong is found before it runs', () => {
  it.each([
    ['evnt.amount', ['10 expression.unknown-name']],
    ['event.amonut', ['16 expression.unknown-field']],
    ['event["amonut"]', ['15 expression.unknown-field']],
    ['has(event.amonut)', ['20 expression.unknown-field']],
    ['event.lines.sum(l, l.amonut)', ['31 expression.unknown-field']],
    ['event.lines.sum(l, l.category)', ['31 expression.wrong-type']],
    ['event.amount + "1"', ['23 expression.wrong-type']],
    ['event.amount * event.currency', ['23 expression.wrong-type']],
    ['event.amount == "100"', ['23 expression.never-equal']],
    ['event.currency == "CYN"', ['25 expression.never-equal']],
    ['event.currency in ["CNY", "EUR"]', []],
    ['event.currency in [1, 2]', ['25 expression.never-equal']],
    ['event.amount < event.approvedAt', ['23 expression.wrong-type']],
    ['event.amount ? 1 : 2', ['16 expression.wrong-type']],
    ['true ? 1 : "1"', ['15 expression.mixed-types']],
    ['coalesce(event.amount, "0")', ['10 expression.mixed-types']],
    ['!event.amount', ['17 expression.wrong-type']],
    ['event.amount && true', ['16 expression.wrong-type']],
    ['-event.currency', ['10 expression.wrong-type']],
    ['event.lines.all(l, l.amount)', ['31 expression.wrong-type']],
    ['event.amount.map(x, x)', ['23 expression.wrong-type']],
    ['event.lines["a"]', ['22 expression.wrong-type']],
    ['event.lines.amount', ['22 expression.wrong-type']],
    ['event[1]', ['16 expression.wrong-type']],
    ['1[0]', ['11 expression.wrong-type']],
    ['1 in 2', ['12 expression.wrong-type']],
    ['{1: 2}', ['11 expression.wrong-type']],
    ['rnd(1)', ['10 expression.unknown-function']],
    ['event.amount.round(2)', ['23 expression.arguments']],
    ['trim(event.currency)', ['10 expression.arguments']],
    ['round()', ['10 expression.arguments']],
    ['round(1, 2, "half-evn")', ['22 expression.wrong-type']],
    ['round("1")', ['16 expression.wrong-type']],
    ['money("12,3")', ['10 expression.not-readable']],
    ['date("2026-02-30")', ['10 expression.not-readable']],
    ['date(event.approvedAt, "Asia/Shangai")', ['10 expression.not-readable']],
    ['date(event.approvedAt)', ['21 expression.wrong-type']],
    ['duration("1 hour")', ['10 expression.not-readable']],
    ['[1, 2].join()', ['10 expression.wrong-type']],
    ['fields.a + fields.b + 1', ['30 expression.wrong-type']],
  ])('%s', (source, expected) => {
    expect(found(source)).toEqual(expected)
  })

  it('all of them at once', () => {
    expect(found('evnt.x + event.amonut * rnd(1)').length).toBe(3)
  })

  it.each([
    ['event.amonut', 'amount'],
    ['evnt.amount', 'event'],
    ['rond(1)', 'round'],
    ['event.currency.uper()', 'upper'],
    ['int("1")', 'round(x, 0, "down")'],
    ['"a".matches("b")', 'contains, startsWith, endsWith, split'],
  ])('%s: the nearest right name is given', (source, nearest) => {
    expect(problemsOf(source)[0]?.error.parameters['nearest']).toBe(nearest)
  })

  it('a problem says where in the file it is, also on a later line of the source', () => {
    const [first] = problemsOf('event.amount +\n  event.amonut')
    expect(first?.error.place).toEqual({ file: 'flow.yaml', line: 8, column: 9 })
  })

  it('a field that is no ASCII name is shown as the key it must be', () => {
    const [first] = problemsOf('fields.费用类型 == "差旅"')
    expect(first?.error.parameters).toMatchObject({ found: '费用类型', expected: '["费用类型"]' })
  })

  it('a problem has a sentence in both languages', () => {
    const [first] = problemsOf('event.amonut')
    expect(first?.error.message).toBe('approval.payment.approved has no field amonut.')
    expect(first?.error.say('zh')).toBe('approval.payment.approved 没有字段 amonut。')
  })
})

describe('types of what is right', () => {
  it.each([
    ['event.amount + 1', 'decimal'],
    ['event.approvedAt - event.approvedAt', 'duration'],
    ['event.approvedAt + duration("1s")', 'instant'],
    ['event.lines.map(l, l.amount)', 'list(decimal)'],
    ['event.lines.filter(l, l.amount > 0)', 'list(record)'],
    ['event.lines.sum(l, l.amount)', 'decimal'],
    ['event.lines.first().amount', 'decimal'],
    ['event.lines[0].memo', 'nullable(string)'],
    ['event.payee', 'nullable(record)'],
    ['event.payee.name', 'string'],
    ['event.payee == null ? "—" : event.payee.name', 'string'],
    ['date(event.approvedAt, "Asia/Shanghai").year()', 'decimal'],
    ['event.currency', '"CNY" | "USD"'],
    ['true ? "a" : "b"', '"a" | "b"'],
    ['event.amount > 0 ? event.amount : null', 'nullable(decimal)'],
    ['anything.x + anything.y', 'dyn'],
    ['anything + 1', 'decimal'],
    ['anything - 1', 'decimal'],
    ['[1, "a"]', 'list(dyn)'],
    ['[1] + [2]', 'list(decimal)'],
    ['{"a": 1}.a', 'decimal'],
    ['{event.currency: 1}', 'map(dyn)'],
    ['fields.anything', 'string'],
    ['min(1, 2)', 'decimal'],
    ['min(event.lines.map(l, l.amount))', 'decimal'],
    ['dyn(event.amount)', 'dyn'],
    ['"a" in fields', 'bool'],
    ['coalesce(null, event.amount)', 'decimal'],
    ['coalesce(null, null)', 'null'],
  ])('%s is %s', (source, expected) => {
    expect(typeOf(source)).toBe(expected)
  })
})

describe('null is known to be gone', () => {
  it.each([
    ['event.lines.map(l, l.memo != null ? l.memo : "")', 'list(string)'],
    ['event.lines.map(l, l.memo == null ? "" : l.memo)', 'list(string)'],
    ['event.lines.map(l, !(l.memo == null) && l.memo != "" ? l.memo : "")', 'list(string)'],
    ['event.lines.map(l, null == l.memo || l.memo == "" ? "—" : l.memo)', 'list(string)'],
    ['event.lines.map(l, coalesce(l.memo, ""))', 'list(string)'],
    ['event.lines.map(l, coalesce(l.memo, l.memo))', 'list(nullable(string))'],
    ['event.lines.map(l, l.memo != null || true ? l.memo : "")', 'list(nullable(string))'],
    ['event.lines.map(l, l.memo != null ? event.lines.map(l, l.memo) : [null])', 'list(list(nullable(string)))'],
  ])('%s is %s', (source, expected) => {
    expect(typeOf(source)).toBe(expected)
  })
})

it('says which variables it reads', () => {
  const { expression } = compileExpression('event.lines.exists(day, day.amount > anything)', environment)
  expect(expression?.variables).toEqual(['event', 'anything'])
})
