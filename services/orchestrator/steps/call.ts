import { nearest } from '@shuniu/contracts'
import type { CallStep, CallTarget, Undo, YamlNode } from '@shuniu/infra/config'
import { typeOfField, types, type Type } from '@shuniu/infra/expressions'
import { typeOfSchema, type Operation } from '@shuniu/sdk'
import { record, type CompileScope } from '../flow/scope.ts'
import type { StepPlan, UndoPlan } from '../flow/plan.ts'
import { contractType, pathIn } from './emit.ts'
import type { Undos } from './index.ts'

/** Performs an operation of a connection, at most once for each document and revision. */
export function compileCall(step: CallStep, scope: CompileScope, undos: Undos): StepPlan | undefined {
  const operation = operationOf(step.call, step.node, scope)
  const input = scope.template(step.with, operation ? typeOfField(typeOfSchema(operation.input)) : types.dyn, 'with')
  const output = operation ? outputType(operation) : types.dyn
  const identity = step.formerly ?? step.name
  if (operation) checkTrouble(step, operation, scope)
  if (step.undo) compileUndo(step.undo, identity, output, scope, undos)
  scope.declare(step.name, output)
  if (!input) return undefined
  return {
    path: identity,
    kind: 'call',
    async run(values, context) {
      context.path = pathIn(identity, context.keys)
      await context.explain?.(() => input.explain(values, context))
      const computed = await record(input, values, context)
      values[step.name] = await context.call({
        path: pathIn(identity, context.keys),
        leg: [scope.flow, identity, ...context.keys],
        connection: step.call.connection,
        operation: step.call.operation,
        input: computed,
        onTrouble: step.onTrouble,
      })
    },
  }
}

/** The declared operation, or the problem with the nearest right name. */
function operationOf({ connection, operation }: CallTarget, node: YamlNode, scope: CompileScope): Operation<unknown> | undefined {
  const { connectors } = scope.ground
  const connector = connectors.get(connection)
  if (!connector) {
    const names = [...connectors.keys()]
    return scope.report(node, 'flow.unknown-connection', { connection, nearest: nearest(connection, names, Infinity) ?? '' })
  }
  const found = connector.operations[operation]
  if (found) return found
  const names = Object.keys(connector.operations)
  const parameters = { operation, connector: connector.name, nearest: nearest(operation, names, Infinity) ?? '' }
  return scope.report(node, 'flow.unknown-operation', parameters)
}

/** What a confirmed effect gives to the steps behind it: the operation's output, and our reference. */
function outputType(operation: Operation<unknown>): Type {
  const type = typeOfField(typeOfSchema(operation.output))
  return type.kind === 'record' ? types.record({ ...type.fields, reference: { type: types.string } }) : types.dyn
}

function checkTrouble(step: CallStep, operation: Operation<unknown>, scope: CompileScope): void {
  const { name } = step
  const money = operation.effect === 'money'
  if (money && step.onTrouble === 'continue') scope.report(step.node, 'flow.money-continues', { name })
  if (money && operation.grade === 'C') scope.report(step.node, 'flow.money-grade-c', { name }, 'warning')
  if (money && operation.undo && !step.undo) scope.report(step.node, 'flow.no-undo', { name }, 'warning')
}

function compileUndo(undo: Undo, step: string, output: Type, scope: CompileScope, undos: Undos): void {
  const operation = operationOf(undo.call, undo.node, scope)
  const event = contractType(scope, undo.on, undo.node)
  const original = scope.typeOf('event')
  const inner = scope.inner({ event, original, effect: output, undone: operation ? outputType(operation) : types.dyn })
  const data = undo.emit && undo.with ? inner.template(undo.with, contractType(scope, undo.emit, undo.node), 'with') : undefined
  const plan: UndoPlan = {
    on: undo.on,
    connection: undo.call.connection,
    operation: undo.call.operation,
    mode: undo.mode,
    ...(undo.emit && data
      ? { emit: undo.emit, data: (values, context) => record(data, values, context) }
      : {}),
  }
  undos.set(step, plan)
}
