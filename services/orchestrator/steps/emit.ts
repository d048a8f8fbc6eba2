import { nearest, typeOfContract, type Place } from '@shuniu/contracts'
import type { EmitStep } from '@shuniu/infra/config'
import { typeOfField, types, type Type } from '@shuniu/infra/expressions'
import { pathIn } from '../flow/path.ts'
import type { StepPlan } from '../flow/plan.ts'
import { record, type CompileScope } from '../flow/scope.ts'
import { placeAt } from '../flow/triggers.ts'

/** Emits an event, once; it leaves with the run's next commit. */
export function compileEmit(step: EmitStep, scope: CompileScope, at: string): StepPlan | undefined {
  const path = `emit ${at}`
  const expected = contractType(scope, step.emit, placeAt(step.node, 'emit'))
  const data = scope.template(step.with, expected, 'with')
  if (!data) return undefined
  return {
    path,
    kind: 'emit',
    async run(values, context) {
      context.path = pathIn(path, context.keys)
      if (context.explain) await context.explain(() => data.explain(values, context))
      const given = record(data, values, context)
      context.emit(context.path, step.emit, given instanceof Promise ? await given : given)
    },
  }
}

/** The data type of an event, or the problem that there is no such contract. */
export function contractType(scope: CompileScope, type: string, place: Place): Type {
  const found = scope.ground.contracts.find((one) => one.type === type)
  if (found) return typeOfField(typeOfContract(found))
  const known = scope.ground.contracts.map((one) => one.type)
  scope.report(place, 'flow.unknown-event', { type, nearest: nearest(type, known, Infinity) ?? '' })
  return types.dyn
}
