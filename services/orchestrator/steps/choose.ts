import type { ChooseStep } from '@shuniu/infra/config'
import { types, type Compiled } from '@shuniu/infra/expressions'
import { pathIn } from '../flow/path.ts'
import type { RunContext, StepPlan } from '../flow/plan.ts'
import { constantOf } from '../flow/pure.ts'
import type { CompileScope } from '../flow/scope.ts'
import { endAll, runAll, type CompileSteps } from './steps.ts'

interface Branch {
  readonly condition: Compiled<RunContext> | undefined
  readonly steps: readonly StepPlan[]
}

/** Takes the first branch whose condition holds, else `otherwise`. */
export function compileChoose(step: ChooseStep, scope: CompileScope, at: string, compileSteps: CompileSteps): StepPlan {
  const path = `choose ${at}`
  const branches = step.choose.map(({ when, steps }, index): Branch => ({
    condition: scope.expression(when, types.bool, 'when'),
    steps: compileSteps(steps, scope.inner(), `${at}.${index + 1}.`),
  }))
  const otherwise = compileSteps(step.otherwise ?? [], scope.inner(), `${at}.otherwise.`)
  reportUnreachable(step, branches, scope)
  return {
    path,
    kind: 'choose',
    ends: endAll(otherwise) && branches.every(({ steps }) => endAll(steps)),
    async run(values, context) {
      for (const { condition, steps } of branches) {
        context.path = pathIn(path, context.keys)
        if ((await condition?.evaluate(values, context)) === true) return runAll(steps, { ...values }, context)
      }
      return runAll(otherwise, { ...values }, context)
    },
  }
}

/** A condition that can never hold, and what stands behind one that always does. */
function reportUnreachable({ choose, otherwise }: ChooseStep, branches: readonly Branch[], scope: CompileScope): void {
  const always = branches.findIndex(({ condition }) => constantOf(condition) === true)
  choose.forEach(({ when, steps: [first] }, index) => {
    const because = always !== -1 && index > always ? choose[always]?.when : undefined
    const never = constantOf(branches[index]?.condition) === false ? when : because
    if (first && never) scope.unreachable(first.node, never)
  })
  const [first] = otherwise ?? []
  const because = choose[always]?.when
  if (first && because) scope.unreachable(first.node, because)
}
