import { describe, expect, it } from 'vitest'
import { metricTable, openMetrics } from './index.ts'

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
    const text = await metrics.text()
    expect(metrics.contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(text).toContain('# TYPE shuniu_receipts counter\nshuniu_receipts_total{state="published"} 3\n')
    expect(text).toContain('shuniu_effects_total{connection="erp",operation="voucher.save",outcome="confirmed"} 1\n')
    expect(text).toContain('\nshuniu_effects_in_doubt 4\n')
    expect(text).toContain(
      'shuniu_vendor_request_duration_seconds_bucket{le="0.25",connection="erp",operation="voucher.save"} 1\n',
    )
    expect(text).toMatch(/# EOF\n$/)
    expect(await metrics.text()).toBe(text)
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

  it('keep their number bounded: what comes after a thousand children counts as other', async () => {
    const metrics = openMetrics()
    for (let index = 0; index < 5000; index++) metrics.events.of(`type${index}`).add()
    const text = await metrics.text()
    expect(text).toContain('shuniu_events_total{type="type999"} 1\n')
    expect(text).toContain('shuniu_events_total{type="other"} 4000\n')
    expect(text).not.toContain('type1000')
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
