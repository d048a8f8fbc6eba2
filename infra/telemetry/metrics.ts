import {
  collectDefaultMetrics,
  Counter as PromCounter,
  Gauge as PromGauge,
  Histogram as PromHistogram,
  openMetricsContentType,
  Registry,
  type OpenMetricsContentType,
} from 'prom-client'
import { metricTable, type MetricTable } from './metric-table.ts'

export interface Counter {
  add(count?: number): void
}

export interface Gauge {
  set(value: number): void
  add(count: number): void
}

export interface Histogram {
  observe(value: number): void
}

interface Child {
  readonly counter: Counter
  readonly gauge: Gauge
  readonly histogram: Histogram
}

/** A metric with its labels open: `of` gives the child of these label values, in the order of the table. Keep it, it is cheap. */
export interface Family<C, Labels extends readonly string[]> {
  of(...values: { [Index in keyof Labels]: string }): C
  /** Forgets all children; a gauge that is set anew at each scrape begins so. */
  clear(): void
}

export type Metrics = {
  readonly [Name in keyof MetricTable]: Family<Child[MetricTable[Name]['type']], MetricTable[Name]['labels']>
} & {
  /** Runs before every `text`, to set what is counted from rows. */
  onScrape(collect: () => void | Promise<void>): void
  readonly contentType: string
  /** Everything in OpenMetrics text. */
  text(): Promise<string>
}

/** More children than any configuration has; what comes after counts as `other`. */
const MOST_CHILDREN = 1000

export interface MetricsOptions {
  /** Also memory, event loop and garbage collection of the process. */
  readonly runtime?: boolean
}

/** Opens the metrics of one hub: an own registry, nothing global. */
export function openMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(openMetricsContentType)
  if (options.runtime) collectDefaultMetrics({ register: registry })
  const collectors: (() => void | Promise<void>)[] = []
  const families = Object.entries(metricTable).map(([key, definition]) => [key, openFamily(definition, registry)])
  return {
    ...(Object.fromEntries(families) as Pick<Metrics, keyof MetricTable>),
    onScrape: (collect) => void collectors.push(collect),
    contentType: registry.contentType,
    async text() {
      for (const collect of collectors) await collect()
      return registry.metrics()
    },
  }
}

type AnyDefinition = MetricTable[keyof MetricTable]

function openFamily(definition: AnyDefinition, registry: Registry<OpenMetricsContentType>): Children<unknown> {
  const { name, help, labels } = definition
  const config = { name, help, labelNames: [...labels], registers: [] }
  if (definition.type === 'histogram') {
    const histogram = new PromHistogram({ ...config, buckets: [...definition.buckets] })
    registry.registerMetric(histogram)
    return new Children(
      labels,
      (values) => histogram.labels(...values),
      () => histogram.reset(),
    )
  }
  const cells = new Children(
    labels,
    (values) => new Cell(Object.fromEntries(labels.map((label, at) => [label, values[at] ?? '']))),
  )
  registry.registerMetric(
    definition.type === 'counter'
      ? new PromCounter({ ...config, collect: copying(cells, (metric, cell) => metric.inc(cell.labels, cell.value)) })
      : new PromGauge({ ...config, collect: copying(cells, (metric, cell) => metric.set(cell.labels, cell.value)) }),
  )
  return cells
}

/** What prom-client calls before it reads a metric. */
function copying<Metric extends { reset(): void }>(
  cells: Children<Cell>,
  copy: (metric: Metric, cell: Cell) => void,
): (this: Metric) => void {
  return function () {
    this.reset()
    for (const cell of cells.all()) copy(this, cell)
  }
}

/** A number of ours, copied into the registry at a scrape: counting costs an addition. */
class Cell implements Counter, Gauge {
  value = 0

  constructor(readonly labels: Readonly<Record<string, string>>) {}

  add(count = 1): void {
    this.value += count
  }

  set(value: number): void {
    this.value = value
  }
}

class Children<C> implements Family<C, readonly string[]> {
  private readonly children = new Map<string, C>()

  constructor(
    private readonly labels: readonly string[],
    private readonly make: (values: string[]) => C,
    private readonly cleared: () => void = () => undefined,
  ) {}

  of(...values: readonly string[]): C {
    return this.children.get(keyOf(values)) ?? this.add([...values])
  }

  all(): Iterable<C> {
    return this.children.values()
  }

  clear(): void {
    this.children.clear()
    this.cleared()
  }

  private add(values: string[]): C {
    const others = this.labels.map(() => 'other')
    if (this.children.size >= MOST_CHILDREN && keyOf(values) !== keyOf(others)) return this.of(...others)
    const child = this.make(values)
    this.children.set(keyOf(values), child)
    return child
  }
}

function keyOf(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? '') : values.join('\u0000')
}
