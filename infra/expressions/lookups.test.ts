import { HubError, type Value } from '@shuniu/contracts'
import { describe, expect, it } from 'vitest'
import { compileExpression, types, type Environment, type HostFunction } from './index.ts'

interface Run {
  readonly asked: string[]
  /** Whether a look-up waits for its answer, given how many were made before it. */
  waits(before: number): boolean
}

const table: HostFunction<Run> = {
  parameters: [types.string, types.string, types.date],
  optional: 1,
  returns: ([name]) => (name === 'rate' ? types.decimal : types.string),
  asynchronous: true,
  call([name, key], { asked, waits }) {
    const answer = (): Value => {
      asked.push(`${String(name)}/${String(key)}`)
      if (key === 'missing') throw new HubError('expression.no-such-key', { key })
      return `${String(key)}-account`
    }
    return waits(asked.length) ? Promise.resolve().then(answer) : answer()
  },
}

const shout: HostFunction<Run> = {
  parameters: [types.string],
  returns: types.string,
  call: ([value]) => `${String(value)}!`,
}

const environment: Environment<Run> = {
  variables: { kind: types.string, kinds: types.list(types.string) },
  functions: { table, shout },
  lookups: true,
}

const scope = { kind: 'meal', kinds: ['meal', 'travel'] }

const first = (before: number): boolean => before === 0
const later = (before: number): boolean => before > 0

async function run(source: string, waits: Run['waits'] = () => true): Promise<{ value: Value; asked: string[] }> {
  const { expression, problems } = compileExpression(source, environment)
  if (!expression) throw problems[0]?.error ?? new Error('neither an expression nor a problem')
  const asked: string[] = []
  return { value: await expression.evaluate(scope, { asked, waits }), asked }
}

function asynchronous(source: string): boolean | undefined {
  return compileExpression(source, environment).expression?.asynchronous
}

function codes(source: string): string[] {
  return compileExpression(source, environment).problems.map(({ error }) => error.code)
}

describe('look-ups', () => {
  it('make an expression asynchronous, and only they do', () => {
    expect(asynchronous('table("t", kind)')).toBe(true)
    expect(asynchronous('shout(kind)')).toBe(false)
    expect(asynchronous('true ? "a" : table("t", kind)')).toBe(true)
    expect(asynchronous('kinds.map(k, k)')).toBe(false)
  })

  it.each([
    ['table("t", kind)', 'meal-account', ['t/meal']],
    ['table("t", kind) + "/" + table("u", kind)', 'meal-account/meal-account', ['t/meal', 'u/meal']],
    ['[table("t", "a"), "b", table("t", "c")].join(",")', 'a-account,b,c-account', ['t/a', 't/c']],
    ['kinds.map(k, table("t", k)).join(",")', 'meal-account,travel-account', ['t/meal', 't/travel']],
    ['kinds.filter(k, table("t", k) == "travel-account").join()', 'travel', ['t/meal', 't/travel']],
    ['kinds.exists(k, table("t", k) != "")', true, ['t/meal']],
    ['{"a": table("t", "x")}.a', 'x-account', ['t/x']],
    ['kind == "meal" ? shout("yes") : table("t", kind)', 'yes!', []],
    ['kind != "meal" && table("t", kind) == "x"', false, []],
    ['kind == "meal" || table("t", kind) == "x"', true, []],
    ['coalesce(table("t", kind), table("u", kind))', 'meal-account', ['t/meal']],
    ['shout(table("t", kind)).upper()', 'MEAL-ACCOUNT!', ['t/meal']],
    ['!(table("t", kind) == "")', true, ['t/meal']],
  ])(
    '%s asks in the order it is written, and no more than it needs, whichever look-up waits',
    async (source, value, asked) => {
      for (const waits of [() => true, () => false, first, later]) {
        expect(await run(source, waits)).toEqual({ value, asked })
      }
    },
  )

  it('that are all answered at once keep nobody waiting', () => {
    const { expression } = compileExpression('kinds.map(k, table("t", k) + shout(k))', environment)
    const value = expression?.evaluate(scope, { asked: [], waits: () => false })
    expect(value).toEqual(['meal-accountmeal!', 'travel-accounttravel!'])
  })

  it('a miss is an error that nothing swallows', async () => {
    await expect(run('table("t", "missing") == "x" || true')).rejects.toMatchObject({ code: 'expression.no-such-key' })
  })

  it('are refused where the caller does not allow them', () => {
    const { problems } = compileExpression('table("t", kind)', { ...environment, lookups: false })
    expect(problems.map(({ error }) => error.code)).toEqual(['expression.lookup-not-allowed'])
    expect(compileExpression('shout(kind)', { ...environment, lookups: false }).problems).toEqual([])
  })

  it('arguments and results are checked like those of any function', () => {
    expect(codes('table("t")')).toEqual(['expression.arguments'])
    expect(codes('table("t", 1)')).toEqual(['expression.wrong-type'])
    expect(codes('table("t", kind) + 1')).toEqual(['expression.wrong-type'])
    expect(codes('table("rate", kind) + 1')).toEqual([])
    expect(codes('tabel("t", kind)')).toEqual(['expression.unknown-function'])
    expect(codes('kind.table("t")')).toEqual(['expression.unknown-function'])
  })

  it('are listed for lint, with the arguments that are constants', () => {
    const { expression } = compileExpression('table("t", kind) + shout("a")', environment)
    const place = { file: 'expression', line: 1 }
    expect(expression?.calls).toEqual([
      { name: 'table', arguments: ['t', undefined], place: { ...place, column: 1 } },
      { name: 'shout', arguments: ['a'], place: { ...place, column: 20 } },
    ])
  })

  it('a function of the host never replaces a name of every object', () => {
    const { problems } = compileExpression('toString(kind)', environment)
    expect(problems[0]?.error.code).toBe('expression.unknown-function')
  })
})
