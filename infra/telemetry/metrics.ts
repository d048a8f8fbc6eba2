import { Counter as PromCounter, Gauge as PromGauge, Histogram as PromHistogram } from 'prom-client'
import { Children, Names, other, type Family } from './children.ts'
import { Exposition } from './exposition.ts'
import { metricTable, type MetricTable } from './metric-table.ts'

export type { Family } from './children.ts'

export interface Counter {
  add(count?: number): void
}

export interface Gauge {
  set(value: number): void
  add(count: number): void
  /** For one of several that share this number: the largest of them stands. */
  raise(value: number): void
  /** For one of several that share this number: the smallest of them stands. */
  lower(value: number): void
}

export interface Histogram {
  observe(value: number): void
}

interface Child {
  readonly counter: Counter
  readonly gauge: Gauge
  readonly histogram: Histogram
}

export type Metrics = {
  readonly [Name in keyof MetricTable]: Family<Child[MetricTable[Name]['type']], MetricTable[Name]['labels']>
} & {
  /**
   * Says which connections have series of their own, most important first; of very many the rest share `_other`. Those nobody
   * named get what is left, in order of their first call. A connection keeps what it got: a counter never goes back.
   */
  nameConnections(names: Iterable<string>): void
  /** Runs before every `text`, to set what is counted from rows. */
  onScrape(collect: () => void | Promise<void>): void
  /** The format for who accepts this: OpenMetrics when it is asked for, else the older text, which `promtool` reads. */
  contentType(accept?: string): string
  /** Everything, in that format. One at a time: what one scrape sets, another does not see half of. */
  text(accept?: string): Promise<string>
}

/** Connections with series of their own. */
const MOST_CONNECTIONS = 100
/** Series of one process, beside those of the runtime itself. */
const MOST_SERIES = 19_500

export interface MetricsOptions {
  /** Also memory, event loop and garbage collection of the process. */
  readonly runtime?: boolean
}

/** Opens the metrics of one hub: own registries, nothing global. */
export function openMetrics(options: MetricsOptions = {}): Metrics {
  const exposition = new Exposition(options.runtime === true)
  const names = new Names(MOST_CONNECTIONS)
  const budget = { left: MOST_SERIES }
  const collectors: (() => void | Promise<void>)[] = []
  const collect = async (): Promise<void> => {
    for (const one of collectors) await one()
  }
  const families = Object.entries(metricTable).map(([key, definition]) => [
    key,
    openFamily(definition, exposition, (cost) => ({ labels: definition.labels, names, budget, cost })),
  ])
  return {
    ...(Object.fromEntries(families) as Pick<Metrics, keyof MetricTable>),
    nameConnections: (all) => names.take(all),
    onScrape: (one) => void collectors.push(one),
    contentType: (accept) => exposition.contentType(accept),
    text: (accept) => exposition.text(accept, collect),
  }
}

type AnyDefinition = MetricTable[keyof MetricTable]
type Bounds = (cost: number) => ConstructorParameters<typeof Children>[0]

function openFamily(definition: AnyDefinition, exposition: Exposition, bounds: Bounds): Children<unknown> {
  const { name, help, labels } = definition
  const config = { name, help, labelNames: [...labels], registers: [] }
  if (definition.type === 'histogram') {
    const histogram = new PromHistogram({ ...config, buckets: [...definition.buckets] })
    exposition.register(histogram)
    return new Children(
      bounds(definition.buckets.length + 3),
      (values) => histogram.labels(...values),
      () => histogram.reset(),
    )
  }
  const cells = new Children(
    bounds(1),
    (values) => new Cell(Object.fromEntries(labels.map((label, at) => [label, values[at] ?? other]))),
  )
  exposition.register(
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
  private isSet = false

  constructor(readonly labels: Readonly<Record<string, string>>) {}

  add(count = 1): void {
    this.value += count
  }

  set(value: number): void {
    this.value = value
    this.isSet = true
  }

  raise(value: number): void {
    this.set(this.isSet ? Math.max(this.value, value) : value)
  }

  lower(value: number): void {
    this.set(this.isSet ? Math.min(this.value, value) : value)
  }
}
