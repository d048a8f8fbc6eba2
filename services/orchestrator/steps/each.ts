import { HubError, isDecimal, type Value } from '@shuniu/contracts'
import { isScalar, placeIn, type EachStep } from '@shuniu/infra/config'
import { compileExpression, stripNull, typeName, types, type Compiled, type Type } from '@shuniu/infra/expressions'
import { pathIn } from '../flow/path.ts'
import type { RunContext, StepPlan } from '../flow/plan.ts'
import type { CompileScope } from '../flow/scope.ts'
import { park } from '../run/standing.ts'
import { runAll, type CompileSteps } from './steps.ts'

const written = /^(?<list>[\s\S]+?)\s+as\s+(?<name>[A-Za-z_]\w*)\s*$/

/**
 * The same steps for each item of a list. Its items are told apart by the key `by` gives; the keys are fixed when the list
 * is first entered, and a repeated or empty one parks the run before anything of it is sent.
 */
export function compileEach(
  step: EachStep,
  scope: CompileScope,
  at: string,
  compileSteps: CompileSteps,
): StepPlan | undefined {
  const path = `each ${at}`
  const header = compileHeader(step, scope)
  if (!header) return undefined
  const { name, item, list } = header
  const inner = scope.inner({ [name]: item })
  const by = inner.expression(step.by, types.dyn, 'by', false)
  const steps = compileSteps(step.steps, inner, `${at}.`)
  if (!list || !by) return undefined
  return {
    path,
    kind: 'each',
    async run(values, context) {
      context.path = pathIn(path, context.keys)
      const items = itemsOf(await list.evaluate(values, context), list.source)
      const keyed = await keysOf(items, context.path, (one) => by.evaluate({ ...values, [name]: one }, context))
      await context.learn('each', [list.source, ...keyed.keys()], () => ({ answer: [...keyed.keys()] }))
      for (const [key, one] of keyed)
        await inKey(context, key, () => runAll(steps, { ...values, [name]: one }, context))
    },
  }
}

interface Header {
  readonly name: string
  readonly item: Type
  readonly list: Compiled<RunContext> | undefined
}

/** `event.lines as line` */
function compileHeader({ each: node }: EachStep, scope: CompileScope): Header | undefined {
  const { list: source, name } = (isScalar(node) && written.exec(String(node.value))?.groups) || {}
  if (!name || !source || !isScalar(node)) return scope.report(node, 'flow.each-form', {})
  const compiled = compileExpression(source, scope.environment(true), (offset) => placeIn(node, offset))
  scope.problems.push(...compiled.problems)
  const list = compiled.expression
  scope.checkLookUps(list?.calls)
  if (!list || list.type.kind === 'dyn') return { name, item: types.dyn, list }
  if (list.type.kind === 'list') return { name, item: stripNull(list.type.of), list }
  return scope.report(node, 'expression.wrong-type', { what: source, expected: 'list', found: typeName(list.type) })
}

function itemsOf(value: Value, what: string): readonly Value[] {
  if (Array.isArray(value)) return value
  const found = value === null ? 'null' : typeof value
  throw new HubError('expression.wrong-type', { what, expected: 'list', found })
}

async function keysOf(
  items: readonly Value[],
  path: string,
  by: (item: Value) => Value | Promise<Value>,
): Promise<ReadonlyMap<string, Value>> {
  const keyed = new Map<string, Value>()
  for (const item of items) {
    const value = await by(item)
    const key = isDecimal(value) ? value.toString() : String(value ?? '')
    if (key === '' || keyed.has(key)) throw repeated(path, key)
    keyed.set(key, item)
  }
  return keyed
}

function repeated(path: string, key: string): Error {
  const message =
    key === ''
      ? { en: 'An item of the list has no key.', zh: '列表中有一项没有键值。' }
      : { en: `Two items of the list have the key ${key}.`, zh: `列表中有两项的键值都是 ${key}。` }
  return park('invalid', { step: path, message })
}

async function inKey(context: RunContext, key: string, work: () => Promise<void>): Promise<void> {
  const outer = context.keys
  context.keys = [...outer, key]
  await work()
  context.keys = outer
}
