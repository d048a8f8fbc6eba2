import { Decimal, HubError, type Value } from '@shuniu/contracts'
import { describe, expect, it } from 'vitest'
import { compileExpression, limits, types, type Scope } from './index.ts'

function run(source: string, scope: Scope = {}): Value | Promise<Value> {
  const variables = Object.fromEntries(Object.keys(scope).map((name) => [name, types.dyn]))
  const { expression, problems } = compileExpression(source, { variables, dynamic: true })
  if (!expression) throw problems[0]?.error ?? new Error('neither an expression nor a problem')
  return expression.evaluate(scope)
}

function codeOf(source: string, scope?: Scope): string {
  try {
    return `value ${JSON.stringify(run(source, scope))}`
  } catch (error) {
    return error instanceof HubError ? error.code : `not a HubError: ${error}`
  }
}

/** A source whose value doubles thirty times. */
function doubling(once: string): string {
  return `[${once}]${'.map(x, x + x)'.repeat(30)}`
}

/** A list in a list, twenty thousand times. */
function deep(): Value {
  return Array.from({ length: 20_000 }).reduce<Value>((inner) => [inner], null)
}

/** reliability.md §2.5 I: each way out that was ever found in an expression language. */
describe('no way out of an expression', () => {
  it.each([
    ['I01', 'constructor.constructor("return process")()', 'expression.forbidden-name'],
    ['I01', 'x.constructor.constructor("return process")()', 'expression.forbidden-name'],
    ['I01', '"".constructor', 'expression.forbidden-name'],
    ['I02', '`${process}`', 'expression.syntax'],
    ['I02', 'x[`constructor`]', 'expression.syntax'],
    ['I02', String.raw`x["\x63onstructor"]`, 'expression.forbidden-name'],
    ['I02', String.raw`x["const" + "ructor"]`, 'expression.forbidden-name'],
    ['I02', 'x["constr\\u0075ctor"]', 'expression.forbidden-name'],
    ['I03', 'x.__proto__', 'expression.forbidden-name'],
    ['I03', 'x["__proto__"]', 'expression.forbidden-name'],
    ['I03', 'x.__lookupGetter__("a")', 'expression.unknown-function'],
    ['I03', 'x.__lookupGetter__', 'expression.no-such-field'],
    ['I03', 'has(x.__proto__)', 'expression.forbidden-name'],
    ['I03', '{"prototype": 1}', 'expression.forbidden-name'],
    ['I04', 'Error.prepareStackTrace', 'expression.unknown-name'],
    ['I05', 'Symbol.iterator', 'expression.unknown-name'],
    ['I05', 'Proxy(x, x)', 'expression.unknown-function'],
    ['I05', '{get a() { 1 }}', 'expression.syntax'],
    ['I06', 'with (x) {}', 'expression.syntax'],
    ['I06', 'arguments.callee', 'expression.unknown-name'],
    ['I06', 'x`a`', 'expression.syntax'],
    ['I06', '({a = 1} = x)', 'expression.syntax'],
    ['I06', '(() => 1)()', 'expression.syntax'],
    ['I06', 'x = 1', 'expression.syntax'],
    ['I06', 'x; x', 'expression.syntax'],
    ['I06', 'this', 'expression.unknown-name'],
    ['I06', 'function() { }', 'expression.syntax'],
    ['I08', '$..[?(@.a)]', 'expression.syntax'],
    ['I09', '"aaaaaaaaaaaaaaaaaaaaaaaaaaaa!".matches("^(a+)+$")', 'expression.unknown-function'],
    ['I10', '[1..10000000]', 'expression.syntax'],
    ['I11', 'f(x)', 'expression.unknown-function'],
    ['I14', 'now()', 'expression.unknown-function'],
    ['I14', 'random()', 'expression.unknown-function'],
    ['I14', 'process.env.SECRET', 'expression.unknown-name'],
    ['I14', 'globalThis', 'expression.unknown-name'],
  ])('%s %s', (_, source, expected) => {
    expect(codeOf(source, { x: {} })).toBe(expected)
  })

  it('I07: a function that came in with the data is no value', () => {
    const scope = { x: { f: () => 1 }, f: () => 1, list: [() => 1] } as unknown as Scope
    for (const source of ['x.f', 'f', 'x["f"]', 'list[0]', 'x.f + 1', 'list.map(e, e + 1)']) {
      expect(codeOf(source, scope)).toBe('expression.wrong-type')
    }
  })

  it('a JS number, a Map and a class instance are no values either', () => {
    const scope = { n: 1, m: new Map([['a', 1]]), e: new Error('e') } as unknown as Scope
    expect(['n', 'm.a', 'm["get"]', 'e.message', 'size(m)'].map((source) => codeOf(source, scope))).toEqual(
      Array.from({ length: 5 }, () => 'expression.wrong-type'),
    )
  })

  it('I16: nothing of an object but its own fields can be read', () => {
    for (const name of ['toString', 'hasOwnProperty', '__defineGetter__', 'valueOf']) {
      expect(codeOf(`x.${name}`, { x: {} })).toBe('expression.no-such-field')
      expect(codeOf(`x["${name}"]`, { x: {} })).toBe('expression.no-such-key')
      expect(codeOf(`"${name}" in x`, { x: {} })).toBe('value false')
      expect(codeOf(`has(x.${name})`, { x: {} })).toBe('value false')
    }
  })

  it('I16: what pollutes the prototype of all objects is not read', () => {
    Reflect.defineProperty(Object.prototype, 'polluted', { value: 'yes', configurable: true })
    try {
      expect(codeOf('x.polluted', { x: {} })).toBe('expression.no-such-field')
      expect(codeOf('x["polluted"]', { x: {} })).toBe('expression.no-such-key')
    } finally {
      Reflect.deleteProperty(Object.prototype, 'polluted')
    }
  })

  it('I16: frozen input is enough, and it is the same afterwards', () => {
    const lines = Object.freeze([Object.freeze({ a: 'b' }), Object.freeze({ a: 'c' })])
    expect(run('lines.map(l, l.a).join() + lines.filter(l, l.a == "b")[0].a', { lines })).toBe('bcb')
    expect(lines).toEqual([{ a: 'b' }, { a: 'c' }])
  })

  it('F01: fields with the names of methods are data', () => {
    const x = JSON.parse('{"toString": "a", "hasOwnProperty": "b", "__defineGetter__": "c"}')
    expect(run('x.toString + x["hasOwnProperty"] + x.__defineGetter__', { x })).toBe('abc')
    expect(run('{"toString": "own"}.toString')).toBe('own')
  })

  it('an own field named __proto__ cannot be reached', () => {
    const x = JSON.parse('{"__proto__": {"a": "b"}}')
    expect(codeOf('x["__pro" + "to__"]', { x })).toBe('expression.forbidden-name')
  })

  it('F05: ten thousand times 0.1 is exactly a thousand', () => {
    const lines = Array.from({ length: 10_000 }, () => ({ a: '0.1' }))
    expect(run('lines.sum(l, decimal(l.a)) == 1000', { lines })).toBe(true)
  })
})

describe('budgets end what grows faster than its input', () => {
  const sixty = `[${Array.from({ length: 60 }, (_, at) => at).join()}]`
  const nested = [1, 2, 3, 4].reduceRight((body, at) => `${sixty}.map(v${at}, ${body})`, '1')

  it.each([
    ['I12: a map inside a map, 60⁴ times', nested],
    ['a text that doubles', doubling('"0123456789"')],
    ['a list that doubles', doubling('[1, 2, 3]')],
    ['a text that is padded', '"x".padLeft(1000000) + "x"'],
    ['a text that is replaced', `"${'x'.repeat(2000)}".replace("x", "${'y'.repeat(2000)}")`],
    ['a text that is joined', `${sixty}.map(a, ${sixty}.map(b, "${'x'.repeat(1000)}").join()).join()`],
    ['a number that is squared', `[3]${'.map(x, x * x)'.repeat(20)}`],
    ['long numbers in a loop', `${sixty}.map(a, ${sixty}.map(b, (a + ${'9'.repeat(190)}) * (b + ${'9'.repeat(190)})))`],
  ])('%s', (_, source) => {
    const before = performance.now()
    expect(codeOf(source)).toMatch(/^expression\.(budget|overflow)$/)
    expect(performance.now() - before).toBeLessThan(1000)
  })

  it('comparing values that are nested without end is stopped', () => {
    expect(codeOf('a == b', { a: deep(), b: deep() })).toBe('expression.budget')
  })

  it.each([
    ['longer than the limit', `"${'x'.repeat(limits.source)}"`],
    ['too deep in brackets', `${'('.repeat(5000)}1${')'.repeat(4999)}`],
    ['too deep in lists', '['.repeat(5000)],
    ['too deep in branches', `${'true ? 1 : '.repeat(800)}1`],
    ['too many operators in a row', Array.from({ length: 400 }, () => '1').join(' + ')],
    ['too many negations', `${'-'.repeat(5000)}1`],
    ['too many fields in a row', `x${'.a'.repeat(2000)}`],
    ['too many indices in a row', `x${'[0]'.repeat(2000)}`],
  ])('a source %s is refused before it is built', (_, source) => {
    expect(codeOf(source, { x: {} })).toBe('expression.too-large')
  })

  it('a number that came in too long is refused before it is written or counted with', () => {
    const x = new Decimal('1e1000000')
    for (const source of ['string(x)', 'x + 1', 'x * x', 'round(x)', 'divide(1, x, 2)', 'fixed(x, 2)', 'money(x)']) {
      expect(codeOf(source, { x })).toBe('expression.overflow')
    }
    expect(codeOf('[1][x]', { x })).toBe('expression.out-of-range')
  })

  it('a budget is per evaluation, not for ever', () => {
    const { expression } = compileExpression('lines.sum(l, 1)', { variables: { lines: types.dyn } })
    const lines = Array.from({ length: 100_000 }, () => null)
    for (let round = 0; round < 5; round++) expect(String(expression?.evaluate({ lines }))).toBe('100000')
  })
})

it('an error at run time has the place of the part that failed', () => {
  const at = { file: 'flow.yaml', line: 12, column: 5 }
  const { expression } = compileExpression('x.a.b', { variables: { x: types.dyn } }, at)
  try {
    expression?.evaluate({ x: { a: {} } })
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(HubError)
    expect((error as HubError).place).toEqual({ file: 'flow.yaml', line: 12, column: 9 })
  }
})
