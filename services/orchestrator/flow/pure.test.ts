import { Decimal } from '@shuniu/contracts'
import { compileExpression, types } from '@shuniu/infra/expressions'
import { expect, test } from 'vitest'
import type { RunContext } from './plan.ts'
import { constantOf, evaluateNow } from './pure.ts'

const compile = (source: string) => {
  const look = { parameters: [], returns: types.string, asynchronous: true, call: async () => 'x' }
  return compileExpression<RunContext>(source, { variables: { a: types.decimal }, functions: { look }, lookups: true })
    .expression
}

test.each([
  ['1 + 1 == 2', true],
  ['1 > 2', false],
  ['a > 2', undefined],
  ['look() == "x"', undefined],
  ['[1].exists(x, x > 2)', false],
  ['divide(1, 0, 2, "half-up") > 1', undefined],
])('%s: %s', (source, value) => {
  expect(constantOf(compile(source))).toBe(value)
})

test('an expression that waits is none for here', () => {
  const look = compile('look()')
  expect(() => look && evaluateNow(look, {})).toThrow('waits')
  const sum = compile('a + 1')
  expect(sum && String(evaluateNow(sum, { a: new Decimal('2') }))).toBe('3')
})
