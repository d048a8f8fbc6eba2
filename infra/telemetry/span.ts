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

/** A span that is open. */
export interface Span {
  /** Where it stands, as it travels in an event's envelope: `00-<trace>-<span>-<flags>`. */
  readonly traceparent: string
  set(attributes: Attributes): void
}

/**
 * Where the work of one business transaction is told as one trace. Nobody who works needs it: without a place to send them
 * there are none, and whoever would tell one asks whether there are.
 */
export interface Traces {
  /**
   * Under what everything about a business transaction stands, in whatever process and however many days later: derived from
   * its correlation id, which every row and event of it has.
   */
  origin(correlation: string): string
  /** A span around work; a span that is begun meanwhile without a place of its own stands under it. */
  within<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>
  /** Where the work that asks stands; undefined outside every span. */
  readonly here: string | undefined
  /** A span that is over when it is told. */
  tell(name: string, options: SpanOptions & { readonly since: number }): Span
  /** Hands over what is still here. */
  close(): Promise<void>
}
