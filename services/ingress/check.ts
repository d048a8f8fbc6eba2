import { nearest, problem, type Contract, type Problem } from '@shuniu/contracts'
import { placeOf, type EventMapping, type OperationChange } from '@shuniu/infra/config'
import { milliseconds, type ConnectorDefinition, type Operation } from '@shuniu/sdk'
import type { Declared } from './ground.ts'
import { compileMappings } from './mapping.ts'

export interface CheckGround {
  readonly connectors: readonly ConnectorDefinition[]
  readonly contracts: readonly Contract[]
}

/** Everything that is wrong with a connection's file beyond its shape: names, types, times. Makes no call. */
export function checkConnection(declared: Declared, { connectors, contracts }: CheckGround): Problem[] {
  const definition = connectors.find(({ name }) => name === declared.connector)
  if (!definition) {
    const { connector, node } = declared
    const names = connectors.map(({ name }) => name)
    const parameters = { connector, nearest: nearest(connector, names, Infinity) }
    return [problem('connection.unknown-connector', parameters, placeOf(node))]
  }
  return [
    ...checkFrom(declared),
    ...checkForms(declared),
    ...compileMappings(declared, definition, contracts).problems,
    ...twins(declared.events ?? []),
    ...checkOperations(declared, definition),
  ]
}

function checkFrom({ events, from, node }: Declared): Problem[] {
  return events && !from
    ? [problem('config.missing-key', { key: 'from', shape: 'from: 2026-11-01T00:00:00+08:00' }, placeOf(node))]
    : []
}

/** Without its forms file a form that does not exist is never met, and a label that does not exist parks each document. */
function checkForms({ events: [first] = [], forms }: Declared): Problem[] {
  return first && forms.length === 0 ? [problem('connection.no-forms', {}, placeOf(first.node), 'warning')] : []
}

/** Two entries may make the same event of one document; whether they do, only the document shows. */
function twins(events: readonly EventMapping[]): Problem[] {
  return events.flatMap((event, at) =>
    events.slice(0, at).some((earlier) => isSame(earlier, event))
      ? [problem('connection.same-type-twice', { type: event.emit }, placeOf(event.node), 'warning')]
      : [],
  )
}

const isSame = (one: EventMapping, other: EventMapping): boolean =>
  one.source === other.source && one.form === other.form && one.emit === other.emit

function checkOperations(
  { operations = {}, node }: Declared,
  { name: connector, operations: known }: ConnectorDefinition,
): Problem[] {
  return Object.entries(operations).flatMap(([operation, change]) => {
    const definition = Object.hasOwn(known, operation) ? known[operation] : undefined
    if (definition) return checkTimes(operation, change, definition)
    const parameters = { connector, operation, nearest: nearest(operation, Object.keys(known), Infinity) }
    return [problem('connection.unknown-operation', parameters, placeOf(change.node ?? node))]
  })
}

/** Less time or fewer look-ups than the connector asks for need a reason. */
function checkTimes(operation: string, change: OperationChange, definition: Operation<unknown>): Problem[] {
  if (change.because !== undefined) return []
  const pairs = [
    ['timeout', change.timeout?.ms, milliseconds(definition.timeout)],
    ['quarantine', change.quarantine?.ms, milliseconds(definition.quarantine)],
    ['lookUps.apart', change.lookUps?.apart?.ms, milliseconds(definition.lookUps.apart)],
    ['lookUps.times', change.lookUps?.times, definition.lookUps.times],
  ] as const
  return pairs.flatMap(([what, given, declared]) =>
    given !== undefined && given < declared
      ? [problem('connection.shorter', { operation, what }, placeOf(change.node))]
      : [],
  )
}
