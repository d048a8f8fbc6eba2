import type { Value } from '@shuniu/contracts'
import type { Node } from './ast.ts'
import type { Frame } from './budget.ts'
import {
  after,
  appended,
  awaited,
  nary,
  direct,
  filled,
  syncRuns,
  unary,
  binary,
  valuesOf,
  type Code,
  type Eventual,
} from './code.ts'
import type { Names } from './environment.ts'
import { builtIn } from './functions/index.ts'
import { data } from './values.ts'
import type { Site } from './site.ts'

/** A call of a function of the language or of the host; the checker has seen that it exists and takes so many arguments. */
export function compileCall(
  node: Extract<Node, { kind: 'call' }>,
  parts: readonly Code[],
  names: Names,
  site: Site,
): Code {
  const { functions } = names
  const host = !node.method && functions && Object.hasOwn(functions, node.name) ? functions[node.name] : undefined
  if (host) return hostCall(node.name, parts, host.asynchronous === true, site)
  const call = builtIn(node.name)?.call
  if (!call) throw site.fail('expression.unknown-function', { nearest: '—' })
  const [first, second] = parts
  if (parts.length === 1 && first) return unary(first, (frame, value) => call(site, frame, value))
  if (parts.length === 2 && first && second) return binary(first, second, (frame, a, b) => call(site, frame, a, b))
  return nary(parts, (frame, values) => call(site, frame, ...values))
}

function hostCall(name: string, parts: readonly Code[], asynchronous: boolean, site: Site): Code {
  const runs = syncRuns(parts)
  const values = runs && valuesOf(runs)
  const fills = parts.map(appended)
  if (asynchronous) {
    const ask = (frame: Frame, given: readonly Value[]): Eventual => {
      const value = frame.host(name, given)
      if (value instanceof Promise) return value.then((late) => noted(frame, name, given, data(site, late)))
      return noted(frame, name, given, data(site, value))
    }
    if (values) return awaited((frame) => ask(frame, values(frame)))
    return awaited((frame) => after(filled(fills, frame, []), (given) => ask(frame, given)))
  }
  const answer = (frame: Frame, given: readonly Value[]): Value => {
    const value = frame.host(name, given)
    if (value instanceof Promise) throw new TypeError(`${name}() answered later, but is not declared asynchronous`)
    return noted(frame, name, given, data(site, value))
  }
  if (!values) return awaited((frame) => after(filled(fills, frame, []), (given) => answer(frame, given)))
  return direct((frame) => answer(frame, values(frame)))
}

function noted(frame: Frame, name: string, given: readonly Value[], value: Value): Value {
  frame.lookups?.push({ name, arguments: given, value })
  return value
}
