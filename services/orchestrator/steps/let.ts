import { HubError } from '@shuniu/contracts'
import type { LetStep, YamlNode } from '@shuniu/infra/config'
import { types, type Compiled, type Explained } from '@shuniu/infra/expressions'
import { pathIn } from '../flow/path.ts'
import type { RunContext, Scope, StepPlan } from '../flow/plan.ts'
import type { CompileScope } from '../flow/scope.ts'

/** Gives values names for the steps behind it. */
export function compileLet(step: LetStep, scope: CompileScope, at: string): StepPlan {
  return compileBindings(step.let, scope, `let ${at}`)
}

/** Names and their expressions, in order: later ones see earlier ones. */
export function compileBindings(
  written: Readonly<Record<string, YamlNode>>,
  scope: CompileScope,
  path: string,
): StepPlan {
  const bindings = Object.entries(written).flatMap(([name, node]) => {
    const expression = scope.expression(node, types.dyn, name)
    scope.declare(name, expression?.type ?? types.dyn)
    return expression ? [{ name, expression, step: `${path} ${name}` }] : []
  })
  return {
    path,
    kind: 'let',
    async run(values, context) {
      for (const { name, expression, step } of bindings) {
        context.path = pathIn(step, context.keys)
        if (context.explain) await context.explain(() => whereFrom(name, expression, values, context))
        const value = expression.evaluate(values, context)
        values[name] = value instanceof Promise ? await value : value
      }
    },
  }
}

/** Its look-ups are known to whoever answered them. */
async function whereFrom(
  name: string,
  expression: Compiled<RunContext>,
  values: Scope,
  context: RunContext,
): Promise<Explained[]> {
  const common = { path: `let ${name}`, source: expression.source, lookups: [] }
  try {
    return [{ ...common, value: await expression.evaluate(values, context) }]
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    return [{ ...common, error }]
  }
}
