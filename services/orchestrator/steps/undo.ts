import type { Undo } from '@shuniu/infra/config'
import type { CompiledTemplate, Type } from '@shuniu/infra/expressions'
import type { RunContext, UndoPlan } from '../flow/plan.ts'
import { record, type CompileScope } from '../flow/scope.ts'
import { placeAt } from '../flow/triggers.ts'
import { contractType } from './emit.ts'

/** What an undo is about: the identity of its call, what that made, and what undoes it. */
interface Undone {
  readonly step: string
  readonly effect: Type
  readonly undone: Type
}

/** How a confirmed effect of a call is undone. */
export function compileUndo(undo: Undo, about: Undone, scope: CompileScope): void {
  const data = undo.emit && undo.with ? compileData(undo, about, scope) : undefined
  const plan: UndoPlan = {
    on: undo.on,
    connection: undo.call.connection,
    operation: undo.call.operation,
    mode: undo.mode,
    ...(undo.emit && data ? { emit: undo.emit, data: async (values, context) => record(data, values, context) } : {}),
  }
  scope.undos.set(about.step, plan)
}

/** The event's data. What undoes a document is `undo.on`, or a higher revision of what the flow runs on: it must fit both. */
function compileData(
  { on, emit = '', with: written, node }: Undo,
  { effect, undone }: Undone,
  scope: CompileScope,
): CompiledTemplate<RunContext> | undefined {
  const expected = contractType(scope, emit, placeAt(node, 'emit'))
  const original = scope.typeOf('event')
  const event = contractType(scope, on, placeAt(node, 'on'))
  const common = { original, effect, undone }
  const data = written && scope.only({ ...common, event }).template(written, expected, 'with')
  const changes = scope.ground.contracts.some(({ type, revision }) => type === scope.on && revision !== undefined)
  if (data && written && changes) scope.only({ ...common, event: original }).mustFit(written, expected, 'with')
  return data
}
