import type { Place, Problem, Value } from '@shuniu/contracts'
import { Frame, limits, type Host, type Scope } from './budget.ts'
import type { Environment, HostCall } from './environment.ts'
import { prepare, type Prepared } from './prepare.ts'
import type { Locate } from './site.ts'
import type { Type } from './types.ts'

/** An expression as closures. It reads its scope and nothing else, and gives the same value for the same input. */
export interface Compiled<Context = void> {
  readonly source: string
  readonly type: Type
  /** True only if it contains a look-up: then `evaluate` gives a promise. */
  readonly asynchronous: boolean
  /** Variables of the environment that it reads. */
  readonly variables: readonly string[]
  readonly calls: readonly HostCall[]
  /** Throws a HubError `expression.*` with the place of the part that failed, or what a host function throws. */
  evaluate(scope: Scope, context: Context): Value | Promise<Value>
}

/**
 * Compiles an expression, or says all that is wrong with it. `at` = where in its file the source begins, or a function
 * from a position in the source to its place.
 */
export function compileExpression<Context = void>(
  source: string,
  environment: Environment<Context>,
  at?: Place | Locate,
): { expression?: Compiled<Context>; problems: readonly Problem[] } {
  const { prepared, problems } = prepare(source, environment, at)
  return prepared ? { expression: expressionOf(prepared, environment), problems } : { problems }
}

/** What was prepared, bound to the functions of its environment. */
export function expressionOf<Context>(prepared: Prepared, environment: Environment<Context>): Compiled<Context> {
  const { source, type, variables, calls, code } = prepared
  const places = placesIn(environment)
  return {
    source,
    type,
    asynchronous: code.asynchronous,
    variables,
    calls,
    evaluate: (scope, context) => code.run(new Frame(scope, hostOf(environment, context), limits.steps, places)),
  }
}

/** Places a frame needs: one for each variable, and two for those of macros and `each`; more are made when there are more. */
export function placesIn({ variables }: Pick<Environment<never>, 'variables'>): number {
  return Object.keys(variables).length + 2
}

/** Calls the environment's functions on behalf of one evaluation. */
export function hostOf<Context>({ functions }: Environment<Context>, context: Context): Host {
  if (!functions) return nobody
  return (name, given) => {
    const found = functions[name]
    return found ? found.call(given, context) : nobody(name, given)
  }
}

const nobody: Host = (name) => {
  throw new TypeError(`${name}() was compiled as a host function, but the environment has none`)
}
