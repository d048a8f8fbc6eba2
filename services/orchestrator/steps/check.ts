import type { CheckStep } from '@shuniu/infra/config'
import { types } from '@shuniu/infra/expressions'
import { pathIn } from '../flow/path.ts'
import type { StepPlan } from '../flow/plan.ts'
import { constantOf } from '../flow/pure.ts'
import type { CompileScope } from '../flow/scope.ts'
import { park } from '../run/standing.ts'

/** Parks the run as `check-failed` unless the condition holds. */
export function compileCheck(step: CheckStep, scope: CompileScope, at: string): StepPlan | undefined {
  const path = `check ${at}`
  const condition = scope.expression(step.check, types.bool, 'check')
  const otherwise = step.otherwise && scope.template(step.otherwise, types.string, 'otherwise')
  if (!condition) return undefined
  return {
    path,
    kind: 'check',
    ends: constantOf(condition) === false,
    async run(values, context) {
      context.path = pathIn(path, context.keys)
      const holds = condition.evaluate(values, context)
      if ((holds instanceof Promise ? await holds : holds) === true) return
      const said = otherwise ? String(await otherwise.evaluate(values, context)) : undefined
      throw park('check-failed', {
        step: context.path,
        message: {
          en: said ?? `The check ${condition.source} does not hold.`,
          zh: said ?? `校验不通过：${condition.source}`,
        },
      })
    },
  }
}
