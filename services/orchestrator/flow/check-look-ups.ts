import { nearest, problem, type Problem, type Value } from '@shuniu/contracts'
import type { Tables } from '@shuniu/infra/config'
import type { HostCall } from '@shuniu/infra/expressions'
import type { Connectors } from './ground.ts'
import { unknownConnection } from './unknown-connection.ts'

export interface LookUpCheck {
  readonly tables: Pick<Tables, 'shapes'>
  readonly connectors: Connectors
}

/** What is certainly wrong with a look-up before it is made: the table or connection it names, the number of keys. */
export function checkLookUp(call: HostCall, { tables, connectors }: LookUpCheck): readonly Problem[] {
  switch (call.name) {
    case 'table':
      return checkTable(call, tables)
    case 'openDate':
      return checkOpenDate(call, connectors)
    case 'crosswalk':
      return checkCrosswalk(call, connectors)
    default:
      return []
  }
}

/** A day may follow the keys; where the table is dated it must. */
function checkTable({ arguments: [name, ...given], place }: HostCall, { shapes }: Pick<Tables, 'shapes'>): Problem[] {
  if (typeof name !== 'string') return []
  const shape = shapes.find((one) => one.name === name)
  if (!shape) {
    const names = shapes.map((one) => one.name)
    return [problem('table.unknown', { name, nearest: nearest(name, names, Infinity) ?? '—' }, place)]
  }
  const { keys, dated } = shape
  const found = given.length
  if (dated && found === keys.length) return [problem('flow.table-without-day', { name }, place)]
  if (found === keys.length || found === keys.length + 1) return []
  return [problem('table.key-count', { name, expected: keys.length, found, columns: keys.join(', ') }, place)]
}

function checkOpenDate({ arguments: [name], place }: HostCall, connectors: Connectors): Problem[] {
  if (typeof name !== 'string') return []
  const connector = connectors.get(name)
  if (!connector) return [unknownConnection(name, connectors, place)]
  return connector.periods ? [] : [problem('flow.no-periods', { connection: name }, place)]
}

function checkCrosswalk({ arguments: [, , from, to], place }: HostCall, connectors: Connectors): Problem[] {
  // What flows emit comes from a flow, not from a connection.
  const isKnown = (name: Value | undefined): boolean =>
    typeof name !== 'string' || name.startsWith('/flows/') || connectors.has(name)
  return [from, to].filter((name) => !isKnown(name)).map((name) => unknownConnection(name, connectors, place))
}
