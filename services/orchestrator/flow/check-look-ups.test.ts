import { describe, expect, test } from 'vitest'
import { flowWith, lint, problemsOf } from '../test-lint.ts'

const let_ = (expression: string): string => flowWith(`  - let: { a: '${expression}' }\n`)

describe('a look-up that can be seen to be wrong before it is made', () => {
  test.each([
    ['a table nobody has', 'table("acount", event.currency)', '5:16 table.unknown'],
    ['too few keys', 'table("rate", event.currency)', '5:16 table.key-count'],
    ['too many keys', 'table("account", "a", "b", "c")', '5:16 table.key-count'],
    ['no day for a table with dates', 'table("department", event.department.id)', '5:16 flow.table-without-day'],
    [
      'periods of a connection nobody has',
      'openDate("boks", "1", date(event.approvedAt, "UTC"))',
      '5:16 flow.unknown-connection',
    ],
    [
      'periods of a connection without any',
      'openDate("office", "1", date(event.approvedAt, "UTC"))',
      '5:16 flow.no-periods',
    ],
    [
      'a pair of a connection nobody has',
      'crosswalk("project", event.approvalId, "office", "boks")',
      '5:16 flow.unknown-connection',
    ],
  ])('%s', (_, expression, found) => {
    expect(lint(let_(expression))).toEqual([found])
  })

  test.each([
    'table("account", event.currency)',
    'table("rate", event.currency, "x")',
    'table("department", event.department.id, date(event.approvedAt, "UTC"))',
    'table("account", event.currency, date(event.approvedAt, "UTC"))',
    'table(event.currency, "x")',
    'openDate("books", "1", date(event.approvedAt, "UTC"))',
    'crosswalk("project", event.approvalId, "/flows/other", "books")',
  ])('%s is right, or nobody can tell', (expression) => {
    expect(lint(let_(expression))).toEqual([])
  })

  test('the nearest right name is told', () => {
    const [problem] = problemsOf(let_('table("acount", event.currency)'))
    expect(problem?.error.message).toContain('the nearest is "account"')
  })

  test('wherever a look-up may stand: in a list, a condition, a text', () => {
    const yaml = flowWith(`  - each: event.lines.filter(l, table("x", l.memo) == "1") as line
    by: line.memo
    steps:
      - check: table("y", line.memo) == "1"
        otherwise: "\${table('z', line.memo)}"
`)
    expect(lint(yaml)).toEqual(['5:33 table.unknown', '8:16 table.unknown', '9:23 table.unknown'])
  })
})
