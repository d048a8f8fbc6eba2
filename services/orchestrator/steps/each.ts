import { isDecimal, type Value } from '@shuniu/contracts'
import { isScalar, placeIn, type EachStep } from '@shuniu/infra/config'
import { compileExpression, stripNull, types } from '@shuniu/infra/expressions'
import type { CompileScope } from '../flow/scope.ts'
import type { RunContext, StepPlan } from '../flow/plan.ts'
import { park } from '../run/standing.ts'
import { compileSteps, type Undos } from './index.ts'

const written = /^(?<list>[\s\S]+?)\s+as\s+(?<name>[A-Za-z_]\w*)\s*$/

/**
 * The same steps for each item of a list. The list is fixed when it is first entered; its items are told apart by the
 * key `by` gives, and a repeated or empty key parks the run before anything of it is sent.
 */
export function compileEach(step: EachStep, scope: CompileScope, undos: Undos, at: string): StepPlan | undefined {
  const path = `each ${at}`
  const parts = isScalar(step.each) ? written.exec(String(step.each.value))?.groups : undefined
  const name = parts?.['name']
  const source = parts?.['list']
  const node = step.each
  if (!name || !source || !isScalar(node)) return scope.report(step.each, 'flow.each-form', {})
  const compiled = compileExpression(source, scope.environment(true), (offset) => placeIn(node, offset))
  scope.problems.push(...compiled.problems)
  const list = compiled.expression
  if (list && list.type.kind !== 'list' && list.type.kind !== 'dyn') return scope.report(node, 'flow.each-form', {})
  const inner = scope.inner({ [name]: list?.type.kind === 'list' ? stripNull(list.type.of) : types.dyn })
  const by = inner.expression(step.by, types.dyn, 'by', false)
  const steps = compileSteps(step.steps, inner, undos, `${at}.`)
  if (!list || !by) return undefined
  return {
    path,
    kind: 'each',
    async run(values, context) {
      context.path = path
      const items = asList(await context.learn('each', source, async () => ({ answer: await list.evaluate(values, context) })))
      const keyed = await keysOf(items, path, (item) => by.evaluate({ ...values, [name]: item }, context))
      for (const { key, item } of keyed) await inKey(context, key, () => runAll(steps, { ...values, [name]: item }, context))
    },
  }
}

const asList = (value: Value): readonly Value[] => (Array.isArray(value) ? (value as readonly Value[]) : [])

async function keysOf(
  items: readonly Value[],
  path: string,
  by: (item: Value) => Value | Promise<Value>,
): Promise<{ key: string; item: Value }[]> {
  const seen = new Set<string>()
  const keyed = []
  for (const item of items) {
    const value = await by(item)
    const key = isDecimal(value) ? value.toString() : String(value ?? '')
    if (key === '' || seen.has(key)) throw repeated(path, key)
    seen.add(key)
    keyed.push({ key, item })
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

async function runAll(steps: readonly StepPlan[], ...with_: Parameters<StepPlan['run']>): Promise<void> {
  for (const step of steps) await step.run(...with_)
}
