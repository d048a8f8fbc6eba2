import { contracts } from '@shuniu/contracts'
import { openEmbedded } from '@shuniu/infra/embedded'
import { openEmbeddedStore, type EventRow, type Store } from '@shuniu/infra/store'
import { openMetrics } from '@shuniu/infra/telemetry'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { countCommits } from './count-commits.ts'

const metrics = openMetrics()
let [folder, store]: [string, Store] = ['', {} as Store]
let close: () => Promise<void> = async () => undefined
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shuniu-count-'))
  const embedded = await openEmbedded({ folder })
  store = countCommits(openEmbeddedStore(embedded), metrics, contracts)
  close = () => embedded.close()
})
afterEach(async () => {
  await close()
  rmSync(folder, { recursive: true })
})

const payment: EventRow = {
  eventId: new Uint8Array(16),
  topic: 'approval.payment.approved.v1',
  key: 'a',
  time: 0,
  attributes: '{}',
  data: new Uint8Array(),
  worth: { amount: 12.5, currency: 'CNY' },
}

test('counts what is durable: receipts by the state they reach, events once, and nothing of a refused commit', async () => {
  await store.commit([{ count: 'receipts.accepted', by: 3 }])
  await store.commit([{ count: 'receipts.published', by: 1 }, { append: payment }])
  await store.commit([{ append: payment }, { count: 'receipts.parked', by: 1 }])
  await store.commit([{ count: 'receipts.parked', by: -1 }])
  const refused = { update: 'receipts', where: { id: 7 }, set: { state: 'skipped' } } as const
  expect((await store.commit([{ count: 'receipts.skipped', by: 1 }, refused])).is).toBe('refused')
  const text = await metrics.text()
  expect(text).toContain('shuniu_receipts_total{state="received"} 3\n')
  expect(text).toContain('shuniu_receipts_total{state="published"} 1\n')
  expect(text).toContain('shuniu_receipts_total{state="parked"} 1\n')
  expect(text).toContain('shuniu_receipts_total{state="skipped"} 0\n')
  expect(text).toContain('shuniu_events_total{type="approval.payment.approved"} 1\n')
  expect(text).toContain('shuniu_event_amount_total{type="approval.payment.approved",currency="CNY"} 12.5\n')
})
