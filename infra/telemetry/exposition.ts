import {
  collectDefaultMetrics,
  openMetricsContentType,
  Registry,
  type Metric,
  type OpenMetricsContentType,
  type PrometheusContentType,
} from 'prom-client'

/** Gauges of the runtime that are called as only counters may be. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** The same metrics in both formats that Prometheus reads. */
export class Exposition {
  private readonly open = new Registry<OpenMetricsContentType>()
  private readonly classic = new Registry<PrometheusContentType>()
  private underWay: Promise<unknown> = Promise.resolve()

  constructor(runtime: boolean) {
    this.open.setContentType(openMetricsContentType)
    if (!runtime) return
    collectDefaultMetrics({ register: this.classic })
    for (const name of misnamed) this.classic.removeSingleMetric(name)
    for (const { name } of this.classic.getMetricsAsArray()) this.share(name)
  }

  private share(name: string): void {
    const metric = this.classic.getSingleMetric(name)
    if (metric) this.open.registerMetric(metric)
  }

  register(metric: Metric): void {
    this.open.registerMetric(metric)
    this.classic.registerMetric(metric)
  }

  contentType(accept = ''): string {
    return this.registryFor(accept).contentType
  }

  /** Waits for the scrape before it, lets `collect` set what is counted from rows, and writes. */
  text(accept = '', collect: () => Promise<void>): Promise<string> {
    const registry = this.registryFor(accept)
    const text = this.underWay.then(async () => {
      await collect()
      return registry.metrics()
    })
    this.underWay = text.catch(() => undefined)
    return text
  }

  private registryFor(accept: string): Registry<OpenMetricsContentType> | Registry<PrometheusContentType> {
    return accept.includes('application/openmetrics-text') ? this.open : this.classic
  }
}
