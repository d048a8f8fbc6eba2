/** What the hub says about itself: the operators' log, metrics, traces; and the types that keep secrets out of them. */
export { loggers, logLevels, type Logger, type LogLevel } from './levels.ts'
export { openLog, type LogOptions, type OperatorLog } from './log.ts'
export { maskBank, maskId, maskName, maskPhone, maskText } from './mask.ts'
export { metricTable, type MetricTable } from './metric-table.ts'
export {
  openMetrics,
  type Counter,
  type Family,
  type Gauge,
  type Histogram,
  type Metrics,
  type MetricsOptions,
} from './metrics.ts'
export { Secret } from './secret.ts'
export { within, type Around } from './around.ts'
export type { Span, SpanOptions, Traces } from './span.ts'
export { parseTraceparent, writeTraceparent, type Trace } from './trace.ts'
export { openTraces } from './traces.ts'
