import type { ChooseStep } from '@shuniu/infra/config'
import { types } from '@shuniu/infra/expressions'
import type { CompileScope } from '../flow/scope.ts'
import type { StepPlan } from '../flow/plan.ts'
import { compileSteps, type Undos } from './index.ts'

/** Takes the first branch whose condition holds, else `otherwise`. */
export function compileChoose(step: ChooseStep, scope: CompileScope, undos: Undos, at: string): StepPlan {
  const path = `choose ${at}`
  const branches = step.choose.map(({ when, steps }, number) => ({
    condition: scope.expression(when, types.bool, 'when'),
    steps: compileSteps(steps, scope.inner(), undos, `${at}.${number + 1}.`),
  }))
  const otherwise = compileSteps(step.otherwise ?? [], scope.inner(), undos, `${at}.otherwise.`)
  return {
    path,
    kind: 'choose',
    async run(values, context) {
      for (const { condition, steps } of branches) {
        context.path = path
        if ((await condition?.evaluate(values, context)) !== true) continue
        return runAll(steps, { ...values }, context)
      }
      return runAll(otherwise, { ...values }, context)
    },
  }
}

async function runAll(steps: readonly StepPlan[], ...with_: Parameters<StepPlan['run']>): Promise<void> {
  for (const step of steps) await step.run(...with_)
}
