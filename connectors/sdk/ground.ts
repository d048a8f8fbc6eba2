import type { Outbound } from '@shuniu/infra/outbound'
import type { Clock, Random } from '@shuniu/infra/time'

/** A line of an operator's log: a code and fields without secrets. */
export interface Log {
  info(code: string, fields?: Readonly<Record<string, unknown>>): void
  warn(code: string, fields?: Readonly<Record<string, unknown>>): void
  error(code: string, fields?: Readonly<Record<string, unknown>>): void
}

/** What a connector stands on. It gets nothing else: no file, no environment, no other connection. */
export interface Ground {
  /** Name of the connection, for logs. */
  readonly connection: string
  readonly outbound: Outbound
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}
