import { Decimal, HubError, type Value } from '@shuniu/contracts'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom, type Random } from '../time/index.ts'
import { compileExpression, functionReference, types, type Scope } from './index.ts'

const names = { a: types.decimal, b: types.decimal, c: types.decimal, x: types.dyn }

function run(source: string, scope: Scope): Value {
  const { expression, problems } = compileExpression(source, { variables: names })
  if (!expression) throw problems[0]?.error ?? new Error('neither an expression nor a problem')
  return expression.evaluate(scope) as Value
}

const decimal = fc
  .tuple(fc.bigInt(-(10n ** 18n), 10n ** 18n), fc.integer({ min: 0, max: 6 }))
  .map(([digits, scale]) => new Decimal(`${digits}e-${scale}`))

describe('arithmetic is exact', () => {
  it.each([
    ['a + b == b + a'],
    ['a * b == b * a'],
    ['(a + b) + c == a + (b + c)'],
    ['(a * b) * c == a * (b * c)'],
    ['a * (b + c) == a * b + a * c'],
    ['a - b == -(b - a)'],
    ['a + b - b == a'],
    ['decimal(string(a)) == a'],
    ['a < b || b < a || a == b'],
    ['(a <= b) == !(a > b)'],
    ['min(a, b) <= max(a, b)'],
    ['abs(a) >= 0 && (abs(a) == a || abs(a) == -a)'],
    ['abs(round(a, 2) - a) <= 0.005'],
    ['round(round(a, 2), 2) == round(a, 2)'],
    ['b == 0 || abs(divide(a, b, 6) * b - a) <= abs(b) * 0.0000005'],
    ['[a, b, c].sum(v, v) == a + b + c'],
    ['[a, b, c].map(v, v * 2).sum(v, v) == 2 * (a + b + c)'],
  ])('%s', (law) => {
    const { expression } = compileExpression(law, { variables: names })
    fc.assert(
      fc.property(decimal, decimal, decimal, (a, b, c) => {
        expect(expression?.evaluate({ a, b, c })).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('a literal is the number that is written, however long', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 80n), fc.integer({ min: 0, max: 40 }), (digits, zeros) => {
        const source = `${digits}.${'0'.repeat(zeros)}5`
        expect(new Decimal(source).eq(run(source, {}) as Decimal)).toBe(true)
      }),
    )
  })
})

describe('nothing but a value or a HubError ever comes out', () => {
  const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constant(null),
      fc.boolean(),
      fc.string({ maxLength: 6 }),
      decimal,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'toString', '__proto__', 'k'), tie('value'), { maxKeys: 3 }),
    ),
  })).value

  it('for a hundred thousand generated expressions', () => {
    const values = fc.sample(value, { numRuns: 50, seed: 7 })
    const write = writer(seededRandom(11))
    let came = 0
    for (let at = 0; at < 100_000; at++) {
      if (tried(write(3), values[at % values.length] ?? null, at % 3 !== 0) !== undefined) came++
    }
    expect(came).toBeGreaterThan(5_000)
  })

  it('for noise', () => {
    const pieces = [...'abx01.,:?!&|<>=+-*/%()[]{}"\'\\ \n$#@~`é🐶_', 'true', ' in ', 'has(', '.map(v,']
    const noise = fc.string({ unit: fc.constantFrom(...pieces), maxLength: 40 })
    fc.assert(
      fc.property(noise, value, (text, x) => void tried(text, x, true)),
      { numRuns: 3_000 },
    )
  })

  it('the same expression on the same input gives the same value', () => {
    const write = writer(seededRandom(5))
    for (const x of fc.sample(value, { numRuns: 500, seed: 3 })) {
      const text = write(4)
      expect(tried(text, x, true)).toEqual(tried(text, x, true))
    }
  })
})

/** Writes sources that are mostly well formed and mostly of the wrong type; the depth is what is given. */
function writer(random: Random): (depth: number) => string {
  const pick = <One>(choices: readonly [One, ...One[]]): One =>
    choices[Math.floor(random.next() * choices.length)] ?? choices[0]
  const methods = functionReference.map(({ name }) => name) as [string, ...string[]]
  const some = (depth: number): string =>
    Array.from({ length: Math.floor(random.next() * 4) }, () => node(depth)).join()
  const shapes: [(depth: number) => string, ...((depth: number) => string)[]] = [
    (d) => `${node(d)} ${pick(['+', '-', '*', '==', '!=', '<', '>=', '&&', '||', 'in', '/'])} ${node(d)}`,
    (d) => `(${node(d)}) ? (${node(d)}) : (${node(d)})`,
    (d) => `(${node(d)}).${pick(['a', 'b', 'toString', 'constructor', '__proto__'])}`,
    (d) => `(${node(d)})[${node(d)}]`,
    (d) => `${pick(['!', '-', '!!', '--'])}(${node(d)})`,
    (d) => `[${some(d)}]`,
    (d) => `{"a": ${node(d)}, ${node(d)}: ${node(d)}}`,
    (d) => `(${node(d)}).${pick(['all', 'exists', 'exists_one', 'filter', 'map', 'sum'])}(v, ${node(d)})`,
    (d) => `${pick(methods)}(${some(d)})`,
    (d) => `(${node(d)}).${pick(methods)}(${some(d)})`,
  ]
  const leaves = [
    'a',
    'b',
    'x',
    'x.a',
    '1',
    '0.1',
    '-3',
    '"t"',
    '"é🐶"',
    'true',
    'null',
    '[]',
    '{}',
    'v',
    '1e300',
  ] as const
  function node(depth: number): string {
    return depth === 0 || random.next() < 0.3 ? pick(leaves) : pick(shapes)(depth - 1)
  }
  return node
}

/** Compiles and runs; undefined when a HubError came out. Anything else is thrown on. */
function tried(text: string, x: Value, dynamic: boolean): Value | undefined {
  const { expression, problems } = compileExpression(text, { variables: names, dynamic })
  if (!expression) {
    expect(problems.every(({ error }) => error instanceof HubError && error.place)).toBe(true)
    return undefined
  }
  try {
    return expression.evaluate({ a: new Decimal('1.5'), b: new Decimal('-2'), c: new Decimal('0'), x }) as Value
  } catch (error) {
    if (error instanceof HubError && error.code.startsWith('expression.')) return undefined
    throw error
  }
}
