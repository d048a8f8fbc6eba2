import type { Step } from '@shuniu/infra/config'
import type { CompileScope } from '../flow/scope.ts'
import type { StepPlan, UndoPlan } from '../flow/plan.ts'
import { compileCall } from './call.ts'
import { compileCheck } from './check.ts'
import { compileChoose } from './choose.ts'
import { compileEach } from './each.ts'
import { compileEmit } from './emit.ts'
import { compileLet } from './let.ts'
import { compilePark } from './park.ts'

/** Where the undo plans of calls are gathered, by the path of the call. */
export type Undos = Map<string, UndoPlan>

/** Compiles steps in order; each may add names for those behind it. Steps with problems are left out of the plan. */
export function compileSteps(steps: readonly Step[], scope: CompileScope, undos: Undos, path = ''): StepPlan[] {
  return steps.flatMap((step, at) => {
    const plan = compileStep(step, scope, undos, `${path}${at + 1}`)
    return plan ? [plan] : []
  })
}

function compileStep(step: Step, scope: CompileScope, undos: Undos, path: string): StepPlan | undefined {
  switch (step.kind) {
    case 'let':
      return compileLet(step, scope, path)
    case 'check':
      return compileCheck(step, scope, path)
    case 'choose':
      return compileChoose(step, scope, undos, path)
    case 'each':
      return compileEach(step, scope, undos, path)
    case 'call':
      return compileCall(step, scope, undos)
    case 'emit':
      return compileEmit(step, scope, path)
    case 'park':
      return compilePark(step, scope, path)
  }
}
