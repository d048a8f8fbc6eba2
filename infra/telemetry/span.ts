/** What a span says: names of things and numbers. Never documents, keys or persons. */
export type Attributes = Readonly<Record<string, string | number | boolean>>

export interface SpanOptions {
  /** The traceparent it stands under; left out: the span around the work. Without any it begins a trace. */
  readonly under?: string
  /** True for the span that others stand under already, by `Traces.origin`. */
  readonly isOrigin?: boolean
  /** Traceparents of what it is about beside that: the events of a batch. */
  readonly links?: readonly string[]
  readonly kind?: 'server' | 'client' | 'producer' | 'consumer'
  readonly attributes?: Attributes
  /** When it began, ms since 1970; left out: now. */
  readonly since?: number
}
