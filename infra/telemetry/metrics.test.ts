import { describe, expect, it } from 'vitest'
import { metricTable, openMetrics } from './index.ts'

const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

describe('metrics', () => {
  it('have the names that alerts rely on', () => {
    const promised = `shuniu_receipts_total{state} shuniu_events_total{type} shuniu_runs{state} shuniu_runs_finished_total{outcome}
      shuniu_effects_total{connection,operation,outcome} shuniu_effects_in_doubt{} shuniu_parked{reason}
      shuniu_flow_oldest_unfinished_seconds{flow} shuniu_source_lag_seconds{connection}
      shuniu_quota_remaining_ratio{connection} shuniu_conservation_gap{stage}`
    const names = Object.values(metricTable).map(({ name, labels }) => `${name}{${labels.join(',')}}`)
    expect(names).toEqual(expect.arrayContaining(promised.split(/\s+/)))
  })

  it('are printed as OpenMetrics', async () => {
    const metrics = openMetrics()
    metrics.receipts.of('published').add(2)
    metrics.receipts.of('published').add()
    metrics.effects.of('erp', 'voucher.save', 'confirmed').add()
    metrics.effectsInDoubt.of().set(4)
    metrics.vendorSeconds.of('erp', 'voucher.save').observe(0.2)
    const text = await metrics.text(openMetricsType)
    expect(metrics.contentType(openMetricsType)).toBe(openMetricsType)
    expect(text).toContain('# TYPE shuniu_receipts counter\nshuniu_receipts_total{state="published"} 3\n')
    expect(text).toContain('shuniu_effects_total{connection="erp",operation="voucher.save",outcome="confirmed"} 1\n')
    expect(text).toContain('\nshuniu_effects_in_doubt 4\n')
    expect(text).toContain(
      'shuniu_vendor_request_duration_seconds_bucket{le="0.25",connection="erp",operation="voucher.save"} 1\n',
    )
    expect(text).toMatch(/# EOF\n$/)
    expect(await metrics.text(openMetricsType)).toBe(text)
  })

  it('are printed in the older format for who does not ask for OpenMetrics', async () => {
    const metrics = openMetrics({ runtime: true })
    metrics.receipts.of('published').add(2)
    const text = await metrics.text('*/*')
    expect(metrics.contentType('*/*')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toContain('# TYPE shuniu_receipts_total counter\nshuniu_receipts_total{state="published"} 2\n')
    expect(text).toMatch(/process_cpu_seconds_total \d/)
    expect(text).not.toMatch(/# EOF|_handles_total/)
    expect(await metrics.text(openMetricsType)).toMatch(/process_cpu_seconds_total \d/)
  })

  it('of one hub know nothing of another', async () => {
    const one = openMetrics()
    one.effectsInDoubt.of().set(1)
    expect(await openMetrics().text()).toContain('shuniu_effects_in_doubt 0\n')
  })

  it('are set anew by collectors at each scrape', async () => {
    const metrics = openMetrics()
    const parked = [['unmapped', 'human'], ['human']]
    metrics.onScrape(async () => {
      metrics.parked.clear()
      for (const reason of parked.shift() ?? []) metrics.parked.of(reason).set(7)
    })
    expect(await metrics.text()).toContain('shuniu_parked{reason="unmapped"} 7')
    const second = await metrics.text()
    expect(second).toContain('shuniu_parked{reason="human"} 7')
    expect(second).not.toContain('unmapped')
  })

  it('keep their number bounded: what comes after five thousand children counts as other', async () => {
    const metrics = openMetrics()
    for (let index = 0; index < 6000; index++) metrics.events.of(`type${index}`).add()
    const text = await metrics.text()
    expect(text).toContain('shuniu_events_total{type="type4999"} 1\n')
    expect(text).toContain('shuniu_events_total{type="_other"} 1000\n')
    expect(text).not.toContain('type5000')
  })

  it('name a hundred connections, first those that are told to matter, and fold the rest', async () => {
    const metrics = openMetrics()
    metrics.nameConnections(['large'])
    for (let at = 0; at < 150; at++) metrics.vendorRequests.of(`c${at}`, 'save', 'ok').add()
    metrics.vendorRequests.of('large', 'save', 'ok').add()
    const text = await metrics.text()
    expect(text).toContain('shuniu_vendor_requests_total{connection="c98",operation="save",class="ok"} 1\n')
    expect(text).toContain('shuniu_vendor_requests_total{connection="_other",operation="save",class="ok"} 51\n')
    expect(text).toContain('shuniu_vendor_requests_total{connection="large",operation="save",class="ok"} 1\n')
    expect(text).not.toContain('"c99"')
  })

  it('show the worst of those that share a series', async () => {
    const metrics = openMetrics()
    for (const value of [0.5, 0.2, 0.9]) {
      metrics.quotaRemaining.of('one').lower(value)
      metrics.sourceLag.of('one').raise(value)
    }
    const text = await metrics.text()
    expect(text).toContain('shuniu_quota_remaining_ratio{connection="one"} 0.2\n')
    expect(text).toContain('shuniu_source_lag_seconds{connection="one"} 0.9\n')
  })

  it('are collected for one scrape after the other, so that none sees half of what another sets', async () => {
    const metrics = openMetrics()
    metrics.onScrape(async () => {
      metrics.parked.clear()
      await Promise.resolve()
      metrics.parked.of('human').add(1)
    })
    const texts = await Promise.all([metrics.text(), metrics.text()])
    for (const text of texts) expect(text).toContain('shuniu_parked{reason="human"} 1\n')
  })

  it('escape whatever stands in a label', async () => {
    const metrics = openMetrics()
    metrics.events.of('a"b\n').add()
    expect(await metrics.text()).toContain('shuniu_events_total{type="a\\"b\\n"} 1\n')
  })

  it('tell of the process when asked to', async () => {
    expect(await openMetrics({ runtime: true }).text()).toMatch(/process_cpu_seconds_total \d/)
    expect(await openMetrics().text()).not.toContain('process_')
  })
})
