import type { Step } from '@shuniu/infra/config'
import type { CompileScope } from '../flow/scope.ts'
import type { StepPlan } from '../flow/plan.ts'

/** Compiles the steps inside a step. */
export type CompileSteps = (steps: readonly Step[], scope: CompileScope, path: string) => StepPlan[]

/** Runs steps one after the other. */
export async function runAll(steps: readonly StepPlan[], ...given: Parameters<StepPlan['run']>): Promise<void> {
  for (const step of steps) await step.run(...given)
}

/** Whether a run that takes these steps never comes out behind them. */
export function endAll(steps: readonly StepPlan[]): boolean {
  return steps.some(({ ends }) => ends)
}
