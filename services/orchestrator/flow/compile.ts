import { hash } from 'node:crypto'
import { HubError, isRecord, problem, typeOfContract, type Contract, type Problem, type Value } from '@shuniu/contracts'
import { nodeToValue, placeOf, type FlowFile } from '@shuniu/infra/config'
import { compileExpression, compileNode, typeOfField, types, type Compiled } from '@shuniu/infra/expressions'
import { canonicalJson } from '@shuniu/infra/json'
import { compileBindings } from '../steps/let.ts'
import { compileSteps, type Undos } from '../steps/index.ts'
import type { FlowGround } from './ground.ts'
import type { FlowEvent, FlowPlan, RunContext } from './plan.ts'
import { CompileScope } from './scope.ts'

/** Checks a flow and compiles it: all problems at once, a plan when none is an error. */
export function compileFlow(
  file: FlowFile,
  source: string,
  ground: FlowGround,
): { plan?: FlowPlan; problems: readonly Problem[] } {
  const problems: Problem[] = []
  const contract = contractOf(file, ground, problems)
  const flow = file.formerly ?? file.flow
  const event = contract ? typeOfField(typeOfContract(contract)) : types.dyn
  const scope = new CompileScope(ground, problems, { event }, flow)
  const where = file.where && scope.expression(file.where, types.bool, 'where', false)
  const undos: Undos = new Map()
  const steps = [
    ...(file.let ? [compileBindings(file.let, scope, 'let')] : []),
    ...compileSteps(file.steps, scope, undos),
  ]
  const undoOn = new Set([...undos.values()].map(({ on }) => on))
  const keys = compileKeys(file, contract, undoOn, ground, problems)
  problems.push(...selfTriggers(file, ground))
  if (!contract || problems.some(({ severity }) => severity === 'error')) return { problems }
  const plan: FlowPlan = {
    flow,
    name: file.flow,
    version: versionOf(file),
    title: file.title ?? file.flow,
    source,
    on: file.on,
    since: file.since,
    wants: (event_) => (where ? evaluated(where, event_) === true : true),
    keyOf: (event_) => keyOf(event_, keys),
    revisionOf: (event_) => revisionOf(event_, ground),
    numberOf: (event_) => numberOf(event_),
    steps,
    undos,
    undoOn,
  }
  return { plan, problems }
}

function contractOf(file: FlowFile, ground: FlowGround, problems: Problem[]): Contract | undefined {
  const found = ground.contracts.find(({ type }) => type === file.on)
  if (!found)
    new CompileScope(ground, problems, {}, '').report(file.node, 'flow.unknown-event', { type: file.on, nearest: '' })
  return found
}

/** `where` and `key` hold no look-ups, so they never wait. */
function evaluated(expression: Compiled<RunContext>, event: FlowEvent): Value {
  const value = expression.evaluate({ event: event.data }, noRun)
  if (value instanceof Promise) throw new HubError('internal.bug', { what: `${expression.source} waits` })
  return value
}

const noRun: RunContext = {
  path: '',
  keys: [],
  learn: () => Promise.reject(new HubError('internal.bug', { what: 'a look-up outside of a run' })),
  call: () => Promise.reject(new HubError('internal.bug', { what: 'a call outside of a run' })),
  emit: () => undefined,
}

type Keys = ReadonlyMap<string, Compiled<RunContext>>

/** The key's expression for the event that starts the flow, and for each that undoes it. */
function compileKeys(
  file: FlowFile,
  contract: Contract | undefined,
  undoOn: ReadonlySet<string>,
  ground: FlowGround,
  problems: Problem[],
): Keys {
  const keys = new Map<string, Compiled<RunContext>>()
  for (const type of [file.on, ...undoOn]) {
    const found = ground.contracts.find((one) => one.type === type)
    if (!found) continue
    const environment = { variables: { event: typeOfField(typeOfContract(found)) }, functions: {}, lookups: false }
    const compiled = file.key
      ? compileNode<RunContext>(file.key, environment, types.string, 'key')
      : compileExpression<RunContext>(`event.${contract?.key ?? found.key}`, environment, placeOf(file.node))
    problems.push(...compiled.problems)
    if (compiled.expression) keys.set(type, compiled.expression)
  }
  return keys
}

function keyOf(event: FlowEvent, keys: Keys): string {
  const expression = keys.get(event.type)
  const key = expression ? String(evaluated(expression, event)) : ''
  if (key === '') throw new HubError('flow.empty-key', { event: event.id })
  return key
}

function revisionOf(event: FlowEvent, ground: FlowGround): number {
  const field = ground.contracts.find(({ type }) => type === event.type)?.revision
  const value = field ? event.data[field] : undefined
  return value === undefined || value === null ? 1 : Number(String(value))
}

/** The number people know the document by. */
function numberOf(event: FlowEvent): string | undefined {
  const number = event.data['approvalNo'] ?? event.data['number']
  return typeof number === 'string' && number !== '' ? number : undefined
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

/** A flow may not emit what starts it. */
function selfTriggers(file: FlowFile, _ground: FlowGround): Problem[] {
  const emits = JSON.stringify(emitted(nodeToValue(file.node)))
  return emits.includes(`"${file.on}"`) ? [problem('flow.self-trigger', { type: file.on }, placeOf(file.node))] : []
}

function emitted(value: Value): Value[] {
  if (Array.isArray(value)) return (value as readonly Value[]).flatMap(emitted)
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([key, inner]) => (key === 'emit' ? [inner] : emitted(inner)))
}
