import { collectDefaultMetrics, openMetricsContentType, Registry, type Metric } from 'prom-client'

/** Gauges of the runtime that are called as only counters may be. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** One registry, in both formats that Prometheus reads. */
export class Exposition {
  private readonly registry = new Registry()
  private underWay: Promise<unknown> = Promise.resolve()

  constructor(runtime: boolean) {
    if (!runtime) return
    collectDefaultMetrics({ register: this.registry })
    for (const name of misnamed) this.registry.removeSingleMetric(name)
  }

  register(metric: Metric): void {
    this.registry.registerMetric(metric)
  }

  contentType(accept = ''): string {
    return wantsOpen(accept) ? openMetricsContentType : this.registry.contentType
  }

  /** Waits for the scrape before it, lets `collect` set what is counted from rows, and writes. */
  text(accept = '', collect: () => Promise<void>): Promise<string> {
    const text = this.underWay.then(async () => {
      await collect()
      const written = await this.registry.metrics()
      return wantsOpen(accept) ? opened(written) : written
    })
    this.underWay = text.catch(() => undefined)
    return text
  }
}

function wantsOpen(accept: string): boolean {
  return accept.includes('application/openmetrics-text')
}

/** The older text as OpenMetrics: a counter is called without its ending, no line is empty, and the end is said. */
function opened(text: string): string {
  return `${text.replaceAll(/^# (HELP|TYPE) (\w+)_total /gm, '# $1 $2 ').replaceAll(/\n{2,}/g, '\n')}# EOF\n`
}
