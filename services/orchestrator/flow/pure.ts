import { HubError, type Value } from '@shuniu/contracts'
import type { Compiled } from '@shuniu/infra/expressions'
import type { RunContext, Scope } from './plan.ts'

const refuse = (what: string) => () =>
  Promise.reject(new HubError('internal.bug', { what: `${what} outside of a run` }))

/** Stands in where no run is: `where`, `key` and constants hold no look-ups. */
const noRun: RunContext = {
  path: '',
  keys: [],
  learn: refuse('a look-up'),
  call: refuse('a call'),
  emit: () => undefined,
}

/** The value of an expression without look-ups: it never waits. */
export function evaluateNow(expression: Compiled<RunContext>, scope: Scope): Value {
  const value = expression.evaluate(scope, noRun)
  if (value instanceof Promise) throw new HubError('internal.bug', { what: `${expression.source} waits` })
  return value
}

/** The value of an expression that reads nothing; undefined when it has none, or may have another next time. */
export function constantOf(expression: Compiled<RunContext> | undefined): Value | undefined {
  if (!expression || expression.variables.length > 0 || expression.calls.length > 0) return undefined
  try {
    return evaluateNow(expression, {})
  } catch (error) {
    if (error instanceof HubError) return undefined
    throw error
  }
}
