import {
  isRecord,
  problem,
  type ErrorCode,
  type ErrorParameters,
  type Place,
  type Problem,
  type Value,
  type ValueRecord,
} from '@shuniu/contracts'
import { placeOf, type CallStep, type YamlNode } from '@shuniu/infra/config'
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
import type { RunContext, Scope, UndoPlan } from './plan.ts'

/** What all scopes of one flow share. */
interface Whole {
  readonly ground: FlowGround
  /** First name of the flow: references are made of it. */
  readonly flow: string
  /** Type of the event that starts it. */
  readonly on: string
  readonly problems: Problem[]
  /** How calls are undone, by their identity. */
  readonly undos: Map<string, UndoPlan>
  /** Calls by their identity. */
  readonly calls: Map<string, CallStep>
  /** Look-ups of its expressions. */
  readonly lookUps: HostCall[]
}

/**
 * What steps are compiled in: the names they may use, and where problems go. A `let` or a named call adds a name for the
 * steps behind it; steps inside `each` or `choose` get a scope of their own.
 */
export class CompileScope {
  readonly ground: FlowGround
  readonly flow: string
  readonly on: string
  readonly problems: Problem[]
  readonly undos: Map<string, UndoPlan>
  readonly calls: Map<string, CallStep>
  readonly lookUps: HostCall[]

  private constructor(
    private readonly whole: Whole,
    private readonly variables: Record<string, Type>,
  ) {
    ;({ ground: this.ground, flow: this.flow, on: this.on } = whole)
    ;({ problems: this.problems, undos: this.undos, calls: this.calls, lookUps: this.lookUps } = whole)
  }

  static of(ground: FlowGround, flow: string, on: string): CompileScope {
    const fresh = { problems: [], undos: new Map(), calls: new Map(), lookUps: [] }
    return new CompileScope({ ground, flow, on, ...fresh }, {})
  }

  /** The same names and some more. */
  inner(more: Readonly<Record<string, Type>> = {}): CompileScope {
    return new CompileScope(this.whole, { ...this.variables, ...more })
  }

  /** These names and no others. */
  only(variables: Readonly<Record<string, Type>>): CompileScope {
    return new CompileScope(this.whole, { ...variables })
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

  /** Compiles for the problems only. */
  mustFit(node: YamlNode, expected: Type, path: string): void {
    this.problems.push(...compileTemplate(node, this.environment(true), expected, path).problems)
  }

  checkLookUps(calls: readonly HostCall[] = []): void {
    this.lookUps.push(...calls)
    for (const call of calls) this.problems.push(...(this.ground.checkLookUp?.(call) ?? []))
  }

  report(
    at: YamlNode | Place,
    code: ErrorCode,
    parameters: ErrorParameters,
    severity: 'error' | 'warning' = 'error',
  ): undefined {
    const place = 'file' in at ? at : placeOf(at)
    this.problems.push(problem(code, parameters, place, severity))
  }

  /** Nothing ever comes here, because of what is written there. */
  unreachable(here: YamlNode, because: YamlNode): void {
    this.report(here, 'flow.unreachable', { line: placeOf(because).line }, 'warning')
  }

  environment(lookups: boolean): Environment<RunContext> {
    return { variables: { ...this.variables }, functions: this.ground.functions, lookups }
  }
}

/** A template's value where only a record makes sense. */
export function record(
  template: CompiledTemplate<RunContext>,
  scope: Scope,
  context: RunContext,
): ValueRecord | Promise<ValueRecord> {
  const value = template.evaluate(scope, context)
  return value instanceof Promise ? value.then(asRecord) : asRecord(value)
}

function asRecord(value: Value): ValueRecord {
  return isRecord(value) ? value : {}
}
