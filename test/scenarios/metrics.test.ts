import { metricTable } from '@shuniu/infra/telemetry'
import { Decimal } from '@shuniu/contracts'
import { expect, test } from 'vitest'
import { act, append } from './append.ts'
import { payment } from './events.ts'
import { finished, post, sealed } from './push.ts'
import { rigFor, type Rig } from './rig.ts'
import { patience, runs } from './seen.ts'

/** A hub in which every metric has something to say: calls are counted, one delivery ended, another waits for a person. */
async function busyHub(context: Parameters<typeof rigFor>[0]): Promise<Rig> {
  const rig = await rigFor(context, {
    edit: (project) => project.replace('connections/dingtalk-main.yaml', 'perMonth: 0 ', 'perMonth: 10000 '),
  })
  const made = await act<{ id: string; number: string }>(rig.dingtalk.url, 'approved-payment', {
    department: '市场部',
    push: false,
  })
  expect((await post(rig.hub, sealed(finished(made)))).status).toBe(200)
  await expect.poll(() => runs(rig), patience).toEqual(['flow done'])
  await append(rig, payment(2, { amount: new Decimal('1') }))
  await expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow parked check-failed'])
  return rig
}

const samplesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

test('every metric of the table has a sample after one push', { timeout: 60_000 }, async (context) => {
  const rig = await busyHub(context)
  const samples = samplesOf(await (await fetch(`${rig.hub.url}/metrics`)).text())
  // Only Kafka deletes records that nobody has read.
  const { logGap: _, ...ofEveryHub } = metricTable
  const silent = Object.values(ofEveryHub)
    .map(({ name, type }) => (type === 'histogram' ? `${name}_count` : name))
    .filter((name) => !samples.some((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `)))
  expect(silent).toEqual([])
  expect(samples).toEqual(
    expect.arrayContaining([
      'shuniu_receipts_total{state="received"} 1',
      'shuniu_receipts_total{state="published"} 1',
      'shuniu_events_total{type="approval.payment.approved"} 1',
      'shuniu_events_total{type="finance.voucher.created"} 1',
      'shuniu_consumer_lag_records{group="orchestrator",topic="*"} 0',
      'shuniu_hook_duration_seconds_count{connection="dingtalk-main"} 1',
      'shuniu_parked{reason="check-failed"} 1',
    ]),
  )
  expect(samples.some((line) => line.startsWith('shuniu_source_lag_seconds{connection="dingtalk-main"} '))).toBe(true)
  expect(samples.some((line) => line.startsWith('shuniu_source_lag_seconds{connection="kingdee-main"} '))).toBe(false)
})
