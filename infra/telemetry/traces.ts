import type { Traces } from './span.ts'

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
