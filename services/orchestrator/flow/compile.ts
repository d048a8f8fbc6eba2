import { hash } from 'node:crypto'
import { isRecord, type Problem } from '@shuniu/contracts'
import { nodeToValue, type FlowFile, type Step } from '@shuniu/infra/config'
import { types } from '@shuniu/infra/expressions'
import { canonicalJson } from '@shuniu/infra/json'
import { contractType } from '../steps/emit.ts'
import { compileSteps } from '../steps/index.ts'
import { compileBindings } from '../steps/let.ts'
import type { FlowGround } from './ground.ts'
import { compileKeys, keyOf, numberOf, revisionOf } from './keys.ts'
import type { FlowPlan } from './plan.ts'
import { constantOf, evaluateNow } from './pure.ts'
import { CompileScope } from './scope.ts'
import { placeAt, selfTriggers, triggersOf } from './triggers.ts'

/** Checks a flow and compiles it: all problems at once, a plan when none is an error. */
export function compileFlow(
  file: FlowFile,
  source: string,
  ground: FlowGround,
): { plan?: FlowPlan; problems: readonly Problem[] } {
  const flow = file.formerly ?? file.flow
  const scope = CompileScope.of(ground, flow, file.on)
  const { problems, undos } = scope
  scope.declare('event', contractType(scope, file.on, placeAt(file.node, 'on')))
  const where = file.where && scope.expression(file.where, types.bool, 'where', false)
  if (file.where && constantOf(where) === false) scope.unreachable(file.steps[0]?.node ?? file.node, file.where)
  const bindings = file.let ? [compileBindings(file.let, scope, 'let')] : []
  const steps = [...bindings, ...compileSteps(file.steps, scope, '')]
  const undoOn = new Set([...undos.values()].map(({ on }) => on))
  const keys = compileKeys(file, undoOn, scope)
  const triggers = triggersOf(file)
  problems.push(...selfTriggers(file, triggers, undoOn))
  if (problems.some(({ severity }) => severity === 'error')) return { problems }
  const plan: FlowPlan = {
    flow,
    name: file.flow,
    version: versionOf(file),
    title: file.title ?? file.flow,
    source,
    on: file.on,
    since: file.since,
    wants: (event) => (where ? evaluateNow(where, { event: event.data }) === true : true),
    keyOf: (event) => keyOf(event, keys),
    revisionOf: (event) => revisionOf(event, ground.contracts),
    numberOf,
    steps,
    undos,
    undoOn,
    triggers,
    short: undoOn.size === 0 && scope.lookUps.length === 0 && file.steps.every(onlyComputes),
  }
  return { plan, problems }
}

/** Whether nothing about a step has to be remembered: what it makes follows from the event alone. */
function onlyComputes(step: Step): boolean {
  switch (step.kind) {
    case 'let':
    case 'check':
    case 'emit':
      return true
    case 'choose':
      return [...step.choose.flatMap(({ steps }) => steps), ...(step.otherwise ?? [])].every(onlyComputes)
    case 'each':
      return step.steps.every(onlyComputes)
    case 'call':
    case 'park':
      return false
  }
}

/** Hash of what a flow means: titles and layout do not count. */
function versionOf(file: FlowFile): string {
  const written = nodeToValue(file.node)
  const meaning = isRecord(written)
    ? Object.fromEntries(
        Object.entries(written).filter(([key]) => key !== 'title' && key !== 'formerly' && key !== 'new'),
      )
    : {}
  return hash('sha256', canonicalJson(meaning), 'hex').slice(0, 12)
}
