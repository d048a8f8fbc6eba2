import type { Step } from '@shuniu/infra/config'
import type { CompileScope } from '../flow/scope.ts'
import type { StepPlan } from '../flow/plan.ts'
import { compileCall } from './call.ts'
import { compileCheck } from './check.ts'
import { compileChoose } from './choose.ts'
import { compileEach } from './each.ts'
import { compileEmit } from './emit.ts'
import { compileLet } from './let.ts'
import { compilePark } from './park.ts'

/**
 * Compiles steps in order; each may add names for those behind it. `path` = what their places in the flow begin with.
 * Steps with problems are left out of the plan.
 */
export function compileSteps(steps: readonly Step[], scope: CompileScope, path: string): StepPlan[] {
  let end: Step | undefined
  return steps.flatMap((step, index) => {
    if (end && steps[index - 1] === end) scope.unreachable(step.node, end.node)
    const plan = compileStep(step, scope, `${path}${index + 1}`)
    if (plan?.ends) end ??= step
    return plan ? [plan] : []
  })
}

function compileStep(step: Step, scope: CompileScope, at: string): StepPlan | undefined {
  switch (step.kind) {
    case 'let':
      return compileLet(step, scope, at)
    case 'check':
      return compileCheck(step, scope, at)
    case 'choose':
      return compileChoose(step, scope, at, compileSteps)
    case 'each':
      return compileEach(step, scope, at, compileSteps)
    case 'call':
      return compileCall(step, scope)
    case 'emit':
      return compileEmit(step, scope, at)
    case 'park':
      return compilePark(step, scope, at)
  }
}
