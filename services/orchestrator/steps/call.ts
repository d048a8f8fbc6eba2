import { nearest } from '@shuniu/contracts'
import { placeOf, type CallStep, type CallTarget, type YamlNode } from '@shuniu/infra/config'
import { typeOfField, types, type Type } from '@shuniu/infra/expressions'
import { typeOfSchema, type Operation } from '@shuniu/sdk'
import { pathIn } from '../flow/path.ts'
import type { StepPlan } from '../flow/plan.ts'
import { record, type CompileScope } from '../flow/scope.ts'
import { placeAt } from '../flow/triggers.ts'
import { unknownConnection } from '../flow/unknown-connection.ts'
import { compileUndo } from './undo.ts'

/** Performs an operation of a connection, at most once for each document and revision. */
export function compileCall(step: CallStep, scope: CompileScope): StepPlan | undefined {
  const operation = operationOf(step.call, step.node, scope)
  const input = scope.template(step.with, operation ? typeOfField(typeOfSchema(operation.input)) : types.dyn, 'with')
  const output = operation ? outputType(operation) : types.dyn
  const identity = identityOf(step, scope)
  if (operation) checkTrouble(step, operation, scope)
  if (step.undo) {
    const undo = operationOf(step.undo.call, step.undo.node, scope)
    compileUndo(step.undo, { step: identity, effect: output, undone: undo ? outputType(undo) : types.dyn }, scope)
  }
  scope.declare(step.name, output)
  if (!input) return undefined
  return {
    path: identity,
    kind: 'call',
    async run(values, context) {
      const path = pathIn(identity, context.keys)
      context.path = path
      if (context.explain) await context.explain(() => input.explain(values, context))
      const given = record(input, values, context)
      values[step.name] = await context.call({
        path,
        leg: [scope.flow, identity, ...context.keys],
        connection: step.call.connection,
        operation: step.call.operation,
        input: given instanceof Promise ? await given : given,
        onTrouble: step.onTrouble,
      })
    },
  }
}

/** The first name it had. Two steps with one identity would be one document to the ledger: the second was never made. */
function identityOf(step: CallStep, scope: CompileScope): string {
  const identity = step.formerly ?? step.name
  const other = scope.calls.get(identity)
  if (other) scope.report(step.node, 'config.duplicate-step', { name: identity, first: placeOf(other.node).line })
  scope.calls.set(identity, other ?? step)
  return identity
}

/** The declared operation, or the problem with the nearest right name. */
function operationOf(
  { connection, operation }: CallTarget,
  node: YamlNode,
  scope: CompileScope,
): Operation<unknown> | undefined {
  const { connectors } = scope.ground
  const place = placeOf(node)
  const connector = connectors.get(connection)
  if (!connector) {
    scope.problems.push(unknownConnection(connection, connectors, place))
    return undefined
  }
  const found = Object.hasOwn(connector.operations, operation) ? connector.operations[operation] : undefined
  if (found) return found
  const near = nearest(operation, Object.keys(connector.operations), Infinity) ?? ''
  return scope.report(place, 'flow.unknown-operation', { operation, connector: connector.name, nearest: near })
}

/** What a confirmed effect gives to the steps behind it: the operation's output, and our reference. */
function outputType({ output, effect }: Operation<unknown>): Type {
  const type = typeOfField(typeOfSchema(output))
  if (type.kind !== 'record') return types.dyn
  // A notice may have been given up: then there is no output.
  const fields = effect === 'notice' ? absentAtTimes(type.fields) : type.fields
  return types.record({ ...fields, reference: { type: types.string } })
}

function absentAtTimes<F extends object>(fields: Readonly<Record<string, F>>): Record<string, F & { optional: true }> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, { ...field, optional: true }]))
}

function checkTrouble(
  { name, node, onTrouble, undo }: CallStep,
  operation: Operation<unknown>,
  scope: CompileScope,
): void {
  if (operation.effect !== 'money') return
  if (onTrouble === 'continue') scope.report(placeAt(node, 'onTrouble'), 'flow.money-continues', { name })
  if (operation.grade === 'C') scope.report(placeAt(node, 'call'), 'flow.money-grade-c', { name }, 'warning')
  if (operation.undo !== undefined && !undo) scope.report(node, 'flow.no-undo', { name }, 'warning')
}
