import { nearest, problem, type Problem } from '@shuniu/contracts'
import type { Tables } from '@shuniu/infra/config'
import type { HostCall } from '@shuniu/infra/expressions'
import type { ConnectorDefinition } from '@shuniu/sdk'

export interface LookUpCheck {
  readonly tables: Pick<Tables, 'shapes'>
  readonly connectors: ReadonlyMap<string, ConnectorDefinition>
}

/** What is certainly wrong with a look-up before it is made: the table or connection it names, the number of keys. */
export function checkLookUp(
  { name, arguments: given, place }: HostCall,
  { tables, connectors }: LookUpCheck,
): Problem[] {
  const [first] = given
  if (typeof first !== 'string') return []
  if (name === 'openDate') {
    const connector = connectors.get(first)
    if (connector) return connector.periods ? [] : [problem('flow.no-periods', { connection: first }, place)]
    const near = nearest(first, [...connectors.keys()], Infinity) ?? ''
    return [problem('flow.unknown-connection', { connection: first, nearest: near }, place)]
  }
  return name === 'table' ? checkTable(first, given.length - 1, { tables, place }) : []
}

/** A day may follow the keys; where the table is dated it must. */
function checkTable(
  name: string,
  given: number,
  { tables, place }: Pick<LookUpCheck, 'tables'> & Pick<HostCall, 'place'>,
): Problem[] {
  const shape = tables.shapes.find((one) => one.name === name)
  if (!shape) {
    const names = tables.shapes.map((one) => one.name)
    return [problem('table.unknown', { name, nearest: nearest(name, names, Infinity) ?? '—' }, place)]
  }
  const { keys, dated } = shape
  const fits = dated ? given === keys.length + 1 : given === keys.length || given === keys.length + 1
  if (fits) return []
  const columns = [...keys, ...(dated ? ['date'] : [])]
  return [
    problem('table.key-count', { name, expected: columns.length, found: given, columns: columns.join(', ') }, place),
  ]
}
