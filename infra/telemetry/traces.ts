import type { Attributes, SpanOptions } from './span.ts'

/** A span that is open. */
export interface Span {
  /** Where it stands, as it travels in an event's envelope: `00-<trace>-<span>-<flags>`. */
  readonly traceparent: string
  set(attributes: Attributes): void
}

/**
 * Where the work of one business transaction is told as one trace. Nobody who works needs it: without a collector there is none,
 * and `within` of nothing is the work itself.
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

/** Settings of OpenTelemetry, from the environment. */
type Environment = Readonly<Record<string, string | undefined>>

/** Whether spans are wanted: somewhere to send them is named, and nobody said no. */
export function wantsTraces(environment: Environment): boolean {
  const { OTEL_SDK_DISABLED: disabled, OTEL_TRACES_EXPORTER: exporter } = environment
  if (disabled?.toLowerCase() === 'true' || exporter === 'none') return false
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own } = environment
  return exporter === 'otlp' || Boolean(all) || Boolean(own)
}

/** Opens the traces that the standard `OTEL_*` settings ask for; undefined when they ask for none. Nothing is loaded then. */
export async function openTraces(environment: Environment, version: string): Promise<Traces | undefined> {
  if (!wantsTraces(environment)) return undefined
  const { openOtlp } = await import('./otlp.ts')
  return openOtlp(environment, version)
}

/** Does the work, in a span where there are traces. */
export function traced<T>(
  traces: Traces | undefined,
  name: string,
  options: () => SpanOptions,
  work: (span?: Span) => Promise<T>,
): Promise<T> {
  return traces ? traces.within(name, options(), work) : work()
}
