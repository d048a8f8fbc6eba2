import type { Type } from '@nestjs/common'

/** Under which Nest hands the ports to controllers. */
export const PORTS = Symbol('console ports')

/** Under which it hands out the schema registry. */
export const DESK = Symbol('schema registry')

/** Under which it hands out the list of controllers, for the page that describes them. */
export const ROUTED = Symbol('console controllers')
export type Routed = readonly Type[]
