import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span as OtelSpan,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  defaultResource,
  envDetector,
  detectResources,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources'
import { BatchSpanProcessor, RandomIdGenerator, SamplingDecision, TracerProvider } from '@opentelemetry/sdk-trace'
import { realClock, sleep } from '../time/index.ts'
import { here, originOf, within } from './around.ts'
import { samplerOf } from './sampler.ts'
import type { Span, SpanOptions, Traces } from './span.ts'
import { parseTraceparent, writeTraceparent } from './trace.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What handing over the last spans may take, ms. */
const longestEnd = 3_000

/** More links than this are no help to anybody; OpenTelemetry's own limit. */
const MOST_LINKS = 128

/** Traces that go to a collector by OTLP over HTTP. The exporter reads its own settings (`OTEL_EXPORTER_OTLP_…`). */
export function openOtlp(environment: Environment, version: string): Traces {
  const ids = new Ids()
  const sampler = samplerOf(environment)
  const named = resourceFromAttributes({ 'service.name': 'shuniu', 'service.version': version })
  const detected = detectResources({ detectors: [envDetector, serviceInstanceIdDetector] })
  const provider = new TracerProvider({
    sampler,
    idGenerator: ids,
    resource: defaultResource().merge(named).merge(detected),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), ...batches(environment) })],
  })
  const isSampled = (traceId: string): boolean =>
    sampler.shouldSample(ROOT_CONTEXT, traceId, '', SpanKind.INTERNAL, {}, []).decision ===
    SamplingDecision.RECORD_AND_SAMPLED
  return new OtlpTraces(provider.getTracer('shuniu', version), ids, isSampled, () => endSoon(provider.shutdown()))
}

/** A collector that is away must not hold up the end of the hub. */
async function endSoon(ending: Promise<void>): Promise<void> {
  const late = new AbortController()
  await Promise.race([ending.catch(() => undefined), sleep(realClock, longestEnd, late.signal)])
  late.abort()
}

function batches(environment: Environment) {
  const settings = {
    scheduledDelayMillis: environment['OTEL_BSP_SCHEDULE_DELAY'],
    exportTimeoutMillis: environment['OTEL_BSP_EXPORT_TIMEOUT'],
    maxQueueSize: environment['OTEL_BSP_MAX_QUEUE_SIZE'],
    maxExportBatchSize: environment['OTEL_BSP_MAX_EXPORT_BATCH_SIZE'],
  }
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, text]) => (Number(text) > 0 ? [[name, Number(text)]] : [])),
  )
}

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const

class OtlpTraces implements Traces {
  constructor(
    private readonly tracer: Tracer,
    private readonly ids: Ids,
    private readonly isSampled: (traceId: string) => boolean,
    readonly close: () => Promise<void>,
  ) {}

  get here(): string | undefined {
    return here().traceparent
  }

  origin(correlation: string): string {
    const place = originOf(correlation)
    return writeTraceparent({ ...place, sampled: this.isSampled(place.traceId) })
  }

  async within<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
    const span = this.begin(name, options)
    const shown = shownOf(span)
    try {
      return await within({ ...here(), traceparent: shown.traceparent }, () => work(shown))
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', typeOf(error))
      throw error
    } finally {
      span.end()
    }
  }

  tell(name: string, options: SpanOptions & { readonly since: number }): Span {
    const span = this.begin(name, options)
    span.end()
    return shownOf(span)
  }

  private begin(name: string, options: SpanOptions): OtelSpan {
    const { under = this.here, isOrigin = false, links = [], kind, attributes = {}, since } = options
    const place = under === undefined ? undefined : contextOf(under)
    if (isOrigin && place) this.ids.next = place
    const linked = links.slice(0, MOST_LINKS).flatMap((link) => contextOf(link) ?? [])
    const span = this.tracer.startSpan(
      name,
      {
        attributes: { ...attributes },
        links: linked.map((context) => ({ context })),
        ...(kind && { kind: kinds[kind] }),
        // A number from before this process began would count as one from its beginning.
        ...(since !== undefined && { startTime: new Date(since) }),
      },
      isOrigin || !place ? ROOT_CONTEXT : contextUnder(place),
    )
    this.ids.next = undefined
    return span
  }
}

/** Random ids, except for the one span whose ids others know already. */
class Ids extends RandomIdGenerator {
  next: Pick<SpanContext, 'traceId' | 'spanId'> | undefined

  override generateTraceId(): string {
    return this.next?.traceId ?? super.generateTraceId()
  }

  override generateSpanId(): string {
    return this.next?.spanId ?? super.generateSpanId()
  }
}

function contextUnder(place: SpanContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, place)
}

function contextOf(traceparent: string): SpanContext | undefined {
  const parsed = parseTraceparent(traceparent)
  if (!parsed) return undefined
  const { traceId, spanId, sampled } = parsed
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true }
}

function shownOf(span: OtelSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return {
    traceparent: writeTraceparent({ traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 }),
    set: (attributes) => void span.setAttributes({ ...attributes }),
  }
}

/** An error's own code, else its name; its words may tell of persons. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
