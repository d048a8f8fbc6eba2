import { HubError, type Problem, type Value } from '@shuniu/contracts'
import type { YamlNode } from '../config/node.ts'
import { Frame, limits, type LookUpMade, type Scope } from './budget.ts'
import type { Environment, HostCall } from './environment.ts'
import { expressionOf, hostOf, placesIn, type Compiled } from './expression.ts'
import { listOf } from './functions/define.ts'
import { bool } from './values.ts'
import { TemplateBuilder } from './template-build.ts'
import { isEach, type EachPart, type Part } from './template-part.ts'
import { types, type Type } from './types.ts'

/** A YAML value with expressions in it, as a closure. */
export interface CompiledTemplate<Context = void> {
  readonly type: Type
  /** True only if it contains a look-up: then `evaluate` gives a promise. */
  readonly asynchronous: boolean
  readonly variables: readonly string[]
  readonly calls: readonly HostCall[]
  /** Errors as of `Compiled.evaluate`. */
  evaluate(scope: Scope, context: Context): Value | Promise<Value>
  /** Computes every field on its own, so that one that fails does not hide the others. */
  explain(scope: Scope, context: Context): Promise<readonly Explained[]>
}

/** Where one field of a template's value comes from. */
export interface Explained {
  /** `with.entries[0].debit` */
  readonly path: string
  /** The expression, or the text with `${…}`; absent for a constant. */
  readonly source?: string
  readonly value?: Value
  /** Instead of the value. */
  readonly error?: HubError
  readonly lookups: readonly LookUpMade[]
}

/**
 * Compiles a value of a YAML file: texts that begin with `=` are expressions, other texts may hold `${…}`, numbers are
 * exact decimals, a list item with `each: list as name` becomes one record per element (`when:` leaves some out).
 * Checked against `expected`; `path` names the value in messages. All problems at once, each with its place.
 */
export function compileTemplate<Context = void>(
  node: YamlNode,
  environment: Environment<Context>,
  expected: Type = types.dyn,
  path = 'with',
): { template?: CompiledTemplate<Context>; problems: readonly Problem[] } {
  const builder = new TemplateBuilder(environment)
  const part = builder.build(node, expected, path, [])
  const { problems, calls } = builder
  if (problems.length > 0) return { problems }
  const places = placesIn(environment)
  const frame = (scope: Scope, context: Context): Frame =>
    new Frame(scope, hostOf(environment, context), limits.templateSteps, places)
  const template: CompiledTemplate<Context> = {
    type: part.type,
    asynchronous: part.code.asynchronous,
    variables: [...builder.variables],
    calls,
    evaluate: (scope, context) => part.code.run(frame(scope, context)),
    async explain(scope, context) {
      const entries: Explained[] = []
      await explain(part, path, frame(scope, context), entries)
      return entries
    },
  }
  return { template, problems }
}

/** Compiles a scalar that is one expression as a whole (`where:`, `check:`, `let:`); places point into the file. */
export function compileNode<Context = void>(
  node: YamlNode,
  environment: Environment<Context>,
  expected: Type = types.dyn,
  path = 'expression',
): { expression?: Compiled<Context>; problems: readonly Problem[] } {
  const builder = new TemplateBuilder(environment)
  const prepared = builder.bare(node, expected, path, [])
  const { problems } = builder
  return prepared && problems.length === 0
    ? { expression: expressionOf(prepared, environment), problems }
    : { problems }
}

async function explain(part: Part, path: string, frame: Frame, entries: Explained[]): Promise<void> {
  const { made } = part
  if (made.of === 'record') {
    for (const { name, part: field } of made.fields) await explain(field, `${path}.${name}`, frame, entries)
    return
  }
  if (made.of !== 'list') {
    await noting(path, made.of === 'expression' ? made.source : undefined, frame, entries, () => part.code.run(frame))
    return
  }
  let position = 0
  for (const item of made.items) {
    if (isEach(item)) position = await explainEach(item, path, position, frame, entries)
    else await explain(item, `${path}[${position++}]`, frame, entries)
  }
}

async function explainEach(
  item: EachPart,
  path: string,
  from: number,
  frame: Frame,
  entries: Explained[],
): Promise<number> {
  const { over, when, part, slot, cost, site } = item
  let position = from
  try {
    for (const element of listOf(site, await over.code.run(frame))) {
      frame.spend(site, cost)
      frame.slots[slot] = element
      if (when && !bool(site, await when.code.run(frame))) continue
      await explain(part, `${path}[${position++}]`, frame, entries)
    }
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    entries.push({ path: `${path}[${position}]`, source: over.source, error, lookups: [] })
  }
  return position
}

/** One entry: the value or the error, with the look-ups made on the way. */
async function noting(
  path: string,
  source: string | undefined,
  frame: Frame,
  entries: Explained[],
  compute: () => Value | Promise<Value>,
): Promise<void> {
  const lookups: LookUpMade[] = []
  frame.lookups = lookups
  const common = source === undefined ? { path, lookups } : { path, source, lookups }
  try {
    entries.push({ ...common, value: await compute() })
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    entries.push({ ...common, error })
  }
}
