import {
  isRecord,
  problem,
  type ErrorCode,
  type ErrorParameters,
  type Problem,
  type Value,
  type ValueRecord,
} from '@shuniu/contracts'
import { placeOf, type YamlNode } from '@shuniu/infra/config'
import {
  compileNode,
  compileTemplate,
  types,
  type Compiled,
  type CompiledTemplate,
  type Environment,
  type HostCall,
  type Type,
} from '@shuniu/infra/expressions'
import type { FlowGround } from './ground.ts'
import type { RunContext, Scope } from './plan.ts'

/** Computes a value in the scope of a run. */
export type Computed<T = Value> = (scope: Scope, context: RunContext) => T | Promise<T>

/**
 * What steps are compiled in: the names they may use, and where problems go. A `let` or a named call adds a name for the
 * steps behind it; steps inside `each` or `choose` get a scope of their own.
 */
export class CompileScope {
  constructor(
    readonly ground: FlowGround,
    readonly problems: Problem[],
    private readonly variables: Record<string, Type>,
    /** First name of the flow, and of each surrounding `each`. */
    readonly flow: string,
  ) {}

  inner(more: Readonly<Record<string, Type>> = {}): CompileScope {
    return new CompileScope(this.ground, this.problems, { ...this.variables, ...more }, this.flow)
  }

  declare(name: string, type: Type): void {
    this.variables[name] = type
  }

  typeOf(name: string): Type {
    return this.variables[name] ?? types.dyn
  }

  expression(node: YamlNode, expected: Type, path: string, lookups = true): Compiled<RunContext> | undefined {
    const { expression, problems } = compileNode(node, this.environment(lookups), expected, path)
    this.problems.push(...problems)
    this.checkLookUps(expression?.calls)
    return expression
  }

  template(node: YamlNode, expected: Type, path: string): CompiledTemplate<RunContext> | undefined {
    const { template, problems } = compileTemplate(node, this.environment(true), expected, path)
    this.problems.push(...problems)
    this.checkLookUps(template?.calls)
    return template
  }

  private checkLookUps(calls: readonly HostCall[] = []): void {
    for (const call of calls) this.problems.push(...(this.ground.checkLookUp?.(call) ?? []))
  }

  report(
    node: YamlNode,
    code: ErrorCode,
    parameters: ErrorParameters,
    severity: 'error' | 'warning' = 'error',
  ): undefined {
    this.problems.push(problem(code, parameters, placeOf(node), severity))
  }

  environment(lookups: boolean): Environment<RunContext> {
    return { variables: { ...this.variables }, functions: this.ground.functions, lookups }
  }
}

/** A template's value where only a record makes sense. */
export async function record(
  template: CompiledTemplate<RunContext>,
  scope: Scope,
  context: RunContext,
): Promise<ValueRecord> {
  const value = await template.evaluate(scope, context)
  return isRecord(value) ? value : {}
}
