import { HubError, type ErrorCode, type ErrorParameters, type Place, type Value } from '@shuniu/contracts'
import type { Node } from './ast.ts'
import type { HostCall, HostFunction, Names } from './environment.ts'
import { builtIn, builtIns, leftOut } from './functions/index.ts'
import type { BuiltIn, Overload } from './functions/define.ts'
import { suggest } from './suggest.ts'
import { fits } from './operators.ts'
import type { Site } from './site.ts'
import { typeName, types, type Type } from './types.ts'

/** What checking a call needs of the checker. */
export interface CallReport {
  readonly names: Names
  readonly calls: HostCall[]
  infer(node: Node): Type
  siteOf(node: Node, what: string): Site
  placeOf(node: Node): Place
  report(node: Node, what: string, code: ErrorCode, parameters?: ErrorParameters): void
  note(error: HubError): void
}

type Call = Extract<Node, { kind: 'call' }>

/** Checks name, number and types of a call's arguments; the type of its result. */
export function checkCall(node: Call, to: CallReport): Type {
  const given = node.given.map((one) => to.infer(one))
  const host = node.method ? undefined : hostFunction(to.names, node.name)
  if (host) return checkHost(node, host, given, to)
  const found = builtIn(node.name)
  if (found && fitsForm(found, node.method)) return checkBuiltIn(node, found, given, to)
  if (found) to.report(node, node.name, 'expression.arguments', { signature: found.signature })
  else to.report(node, `${node.name}()`, 'expression.unknown-function', { nearest: suggestion(node, to.names) })
  return types.dyn
}

function hostFunction(names: Names, name: string): Omit<HostFunction, 'call'> | undefined {
  return names.functions && Object.hasOwn(names.functions, name) ? names.functions[name] : undefined
}

function fitsForm(found: BuiltIn, method: boolean): boolean {
  return found.form === 'either' || (found.form === 'method') === method
}

function suggestion(node: Call, names: Names): string {
  if (Object.hasOwn(leftOut, node.name)) return leftOut[node.name] ?? '—'
  const form = builtIns.filter((one) => fitsForm(one, node.method)).map((one) => one.name)
  return suggest(node.name, node.method ? form : [...Object.keys(names.functions ?? {}), ...form])
}

function checkBuiltIn(node: Call, found: BuiltIn, given: readonly Type[], to: CallReport): Type {
  const possible = found.overloads.filter((one) => takes(one, given.length))
  const [first] = possible
  if (!first) {
    to.report(node, `${node.name}()`, 'expression.arguments', { signature: found.signature })
    return types.dyn
  }
  const chosen = possible.find((one) => misfitOf(one, given) === -1)
  if (!chosen) {
    reportMisfit(node, possible, given, to)
    return types.dyn
  }
  if (found.checkConstants && !to.names.dynamic) constantsHold(node, found.checkConstants, to)
  return typeof chosen.returns === 'function' ? chosen.returns(given) : chosen.returns
}

function constantsHold(node: Call, holds: NonNullable<BuiltIn['checkConstants']>, to: CallReport): void {
  try {
    holds(to.siteOf(node, `${node.name}()`), node.given.map(constantOf))
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    to.note(error)
  }
}

function takes({ parameters, optional = 0, rest = false }: Overload, count: number): boolean {
  return count >= parameters.length - optional && (rest || count <= parameters.length)
}

function parameterAt({ parameters }: Overload, position: number): Type {
  return parameters[Math.min(position, parameters.length - 1)] ?? types.dyn
}

/** Position of the first argument that cannot be right; -1 when all can. */
function misfitOf(overload: Overload, given: readonly Type[]): number {
  return given.findIndex((type, position) => !fits(type, parameterAt(overload, position)))
}

function reportMisfit(node: Call, possible: readonly Overload[], given: readonly Type[], to: CallReport): void {
  const position = Math.max(...possible.map((one) => misfitOf(one, given)))
  const expected = new Set(possible.map((one) => typeName(parameterAt(one, position))))
  const argument = node.given[position] ?? node
  to.report(argument, `${node.name}()`, 'expression.wrong-type', {
    expected: [...expected].join(' | '),
    found: typeName(given[position] ?? types.dyn),
  })
}

function checkHost(node: Call, host: Omit<HostFunction, 'call'>, given: readonly Type[], to: CallReport): Type {
  const overload: Overload = { parameters: host.parameters, optional: host.optional ?? 0, returns: types.dyn }
  const constants = node.given.map(constantOf)
  to.calls.push({ name: node.name, arguments: constants, place: to.placeOf(node) })
  if (host.asynchronous && !to.names.lookups) to.report(node, `${node.name}()`, 'expression.lookup-not-allowed')
  if (!takes(overload, given.length)) {
    const signature = `${node.name}(${host.parameters.map(typeName).join(', ')})`
    to.report(node, `${node.name}()`, 'expression.arguments', { signature })
  } else if (misfitOf(overload, given) !== -1) reportMisfit(node, [overload], given, to)
  return typeof host.returns === 'function' ? host.returns(constants) : host.returns
}

function constantOf(node: Node): Value | undefined {
  return node.kind === 'literal' ? node.value : undefined
}
