import type { ParkStep } from '@shuniu/infra/config'
import { types } from '@shuniu/infra/expressions'
import { pathIn } from '../flow/path.ts'
import type { StepPlan } from '../flow/plan.ts'
import type { CompileScope } from '../flow/scope.ts'
import { park } from '../run/standing.ts'

/** Stands still for a person. */
export function compilePark(step: ParkStep, scope: CompileScope, at: string): StepPlan | undefined {
  const path = `park ${at}`
  const message = scope.template(step.park.message, types.string, 'message')
  if (!message) return undefined
  return {
    path,
    kind: 'park',
    ends: true,
    async run(values, context) {
      context.path = pathIn(path, context.keys)
      const said = String(await message.evaluate(values, context))
      throw park(step.park.reason, { step: context.path, message: { en: said, zh: said } })
    },
  }
}
