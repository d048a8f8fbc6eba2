import { nearest, problem, type Place, type Problem, type Value } from '@shuniu/contracts'
import type { Connectors } from './ground.ts'

/** A connection that the project does not have. */
export function unknownConnection(name: Value | undefined, connectors: Connectors, place: Place): Problem {
  const connection = String(name)
  return problem(
    'flow.unknown-connection',
    { connection, nearest: nearest(connection, connectors.keys(), Infinity) ?? '' },
    place,
  )
}
