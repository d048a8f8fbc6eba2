import type { Place, Text, Value } from '@shuniu/contracts'
import type { Type } from './types.ts'

/**
 * A function that the caller lends to expressions. `Context` is whatever the caller hands to `evaluate` (a run).
 * An error it throws goes through unchanged, so it should be a HubError.
 */
export interface HostFunction<Context = void> {
  readonly parameters: readonly Type[]
  /** How many of the last parameters may be left out. */
  readonly optional?: number
  /** The result; may follow from the arguments that are written as constants (a table's columns). */
  readonly returns: Type | ((constants: readonly (Value | undefined)[]) => Type)
  /** A look-up: it may wait. Allowed only where the environment says so; it makes the expression asynchronous. */
  readonly asynchronous?: boolean
  readonly help?: Text
  call(given: readonly Value[], context: Context): Value | Promise<Value>
}

/** What an expression may use. */
export interface Environment<Context = void> {
  readonly variables: Readonly<Record<string, Type>>
  readonly functions?: Readonly<Record<string, HostFunction<Context>>>
  /** Whether look-ups may be made here: in `let`, `check`, `with`; not in `where`. */
  readonly lookups?: boolean
  /** Nothing is known about types before running, not even of literals: for trying expressions out. */
  readonly dynamic?: boolean
}

/** What the checker and the compiler need to know of an environment; they never call a host function themselves. */
export type Names = Pick<Environment, 'variables' | 'lookups' | 'dynamic'> & {
  readonly functions?: Readonly<Record<string, Omit<HostFunction, 'call'>>>
}

/** A call of a host function in an expression, for lint: unknown tables, unused look-ups. */
export interface HostCall {
  readonly name: string
  /** The arguments that are written as constants; undefined for the others. */
  readonly arguments: readonly (Value | undefined)[]
  readonly place: Place
}
