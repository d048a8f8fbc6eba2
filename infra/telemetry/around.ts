import { AsyncLocalStorage } from 'node:async_hooks'
import { hash } from 'node:crypto'
import type { PersonalValue } from '@shuniu/contracts'
import { parseTraceparent, type Trace } from './trace.ts'

/** What the work at hand is about, for whoever tells of it: lines of the log, spans. */
export interface Around {
  /** Id of the run that is executed. */
  readonly run?: number
  /** Id of the business transaction. */
  readonly correlation?: string
  /** Where the work stands, when an event or a span said so. */
  readonly traceparent?: string
  /** What it knows of persons: no line says it in full. Asked only when a line is written. */
  readonly personal?: () => readonly PersonalValue[]
}

const storage = new AsyncLocalStorage<Around>()

/** Does the work with this around it, and nothing of what its caller was at: that may be another's work that has just ended. */
export function within<T>(around: Around, work: () => T): T {
  return storage.run(around, work)
}

export function here(): Around {
  return storage.getStore() ?? {}
}

/** The place that a business transaction has in every process and on every day: its first span. */
export function originOf(correlation: string): Pick<Trace, 'traceId' | 'spanId'> {
  const digits = hash('sha256', `shuniu ${correlation}`, 'hex')
  return { traceId: digits.slice(0, 32), spanId: digits.slice(32, 48) }
}

/** What each line of the log says of the work it was written in: the same trace id that spans have, also when there are none. */
export function fieldsHere(): Readonly<Record<string, string | number>> {
  const around = storage.getStore()
  if (!around) return {}
  const { run, correlation, traceparent } = around
  const place = traceparent === undefined ? undefined : parseTraceparent(traceparent)
  const traceId = place?.traceId ?? (correlation === undefined ? undefined : originOf(correlation).traceId)
  return {
    ...(traceId !== undefined && { trace_id: traceId }),
    ...(place && { span_id: place.spanId }),
    ...(run !== undefined && { run_id: run }),
  }
}
