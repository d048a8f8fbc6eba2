import { nearest, typeOfContract } from '@shuniu/contracts'
import type { EmitStep, YamlNode } from '@shuniu/infra/config'
import { typeOfField, types, type Type } from '@shuniu/infra/expressions'
import { record, type CompileScope } from '../flow/scope.ts'
import type { StepPlan } from '../flow/plan.ts'

/** Emits an event, once; it leaves with the run's next commit. */
export function compileEmit(step: EmitStep, scope: CompileScope, at: string): StepPlan | undefined {
  const path = `emit ${at}`
  const expected = contractType(scope, step.emit, step.node)
  const data = scope.template(step.with, expected, 'with')
  if (!data) return undefined
  return {
    path,
    kind: 'emit',
    async run(values, context) {
      context.path = path
      await context.explain?.(() => data.explain(values, context))
      context.emit(pathIn(path, context.keys), step.emit, await record(data, values, context))
    },
  }
}

/** The data type of an event, or the problem that there is no such contract. */
export function contractType(scope: CompileScope, type: string, node: YamlNode): Type {
  const found = scope.ground.contracts.find((one) => one.type === type)
  if (found) return typeOfField(typeOfContract(found))
  const known = scope.ground.contracts.map((one) => one.type)
  scope.report(node, 'flow.unknown-event', { type, nearest: nearest(type, known, Infinity) ?? '' })
  return types.dyn
}

/** A step's path within the items it is repeated for. */
export function pathIn(path: string, keys: readonly string[]): string {
  return keys.length === 0 ? path : `${path}[${keys.join('/')}]`
}
