import { HubError, typeOfContract, type Contract } from '@shuniu/contracts'
import { placeOf, type FlowFile } from '@shuniu/infra/config'
import { compileExpression, compileNode, typeOfField, types, type Compiled } from '@shuniu/infra/expressions'
import type { FlowEvent, RunContext } from './plan.ts'
import { evaluateNow } from './pure.ts'
import type { CompileScope } from './scope.ts'

/** The key's expression for each type of event that a flow takes. */
export type Keys = ReadonlyMap<string, Compiled<RunContext>>

/** Compiles the key for the event that starts the flow and for each that undoes it; without `key:` the contract's. */
export function compileKeys(file: FlowFile, undoOn: ReadonlySet<string>, { ground, problems }: CompileScope): Keys {
  const keys = new Map<string, Compiled<RunContext>>()
  const starts = ground.contracts.find(({ type }) => type === file.on)
  for (const type of new Set([file.on, ...undoOn])) {
    const contract = ground.contracts.find((one) => one.type === type)
    if (!contract) continue
    const environment = { variables: { event: typeOfField(typeOfContract(contract)) }, functions: {}, lookups: false }
    const compiled = file.key
      ? compileNode<RunContext>(file.key, environment, types.string, 'key')
      : compileExpression<RunContext>(`event.${(starts ?? contract).key}`, environment, placeOf(file.node))
    problems.push(...compiled.problems)
    if (compiled.expression) keys.set(type, compiled.expression)
  }
  return keys
}

/** The business key of an event. Throws HubError when it is empty, or cannot be told. */
export function keyOf(event: FlowEvent, keys: Keys): string {
  const expression = keys.get(event.type)
  const key = expression ? String(evaluateNow(expression, { event: event.data })) : ''
  if (key === '') throw new HubError('flow.empty-key', { event: event.id })
  return key
}

/** The revision of the document an event is about; 1 where its contract counts none. */
export function revisionOf(event: FlowEvent, contracts: readonly Contract[]): number {
  const field = contracts.find(({ type }) => type === event.type)?.revision
  const value = field === undefined ? undefined : event.data[field]
  return value === undefined || value === null ? 1 : Number(String(value))
}

/** The number people know the document by. */
export function numberOf({ data }: FlowEvent): string | undefined {
  const number = data['approvalNo'] ?? data['number']
  return typeof number === 'string' && number !== '' ? number : undefined
}
