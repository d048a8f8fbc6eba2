import { expect, test } from 'vitest'
import type { z } from 'zod'
import { auditPage } from './audit.ts'
import { conservation } from './conservation.ts'
import { contractList, oneContract } from './contracts.ts'
import { effectPage } from './effects.ts'
import { parkedPage } from './parked.ts'
import { receiptPage } from './receipts.ts'
import { reconciled } from './reconcile.ts'
import { runPage } from './runs.ts'
import { hubStatus } from './status.ts'
import { oneTable, tableList } from './tables.ts'
import { openTestHub } from './test-hub/index.ts'
import { approvalId, tellStory } from './test-hub/story.ts'
import { traced } from './trace.ts'

const pages: [string, z.ZodType][] = [
  ['runs', runPage],
  ['effects', effectPage],
  ['receipts', receiptPage],
  ['parked', parkedPage],
  [`trace/${approvalId}`, traced],
  ['conservation?recount=true', conservation],
  ['reconcile?period=2026-11', reconciled],
  ['status', hubStatus],
  ['tables', tableList],
  ['tables/expense-account', oneTable],
  ['contracts', contractList],
  ['contracts/finance.voucher.created', oneContract],
  ['audit', auditPage],
]

test('L09 no answer gives back the token or says how it is wrong', async () => {
  const token = 'tok-5f0c1d2e3a'
  const hub = await openTestHub({ token })
  await tellStory(hub)
  for (const [path] of pages) {
    const { status, text } = await hub.get(`/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } })
    expect([path, status, text.includes(token)]).toEqual([path, 200, false])
    const refused = await hub.get(`/api/v1/${path}`, { headers: { authorization: 'Bearer tok-guess' } })
    expect([refused.status, refused.json.code, refused.headers['www-authenticate']]).toEqual([
      401,
      'api.token-needed',
      'Bearer',
    ])
    expect(refused.text).not.toMatch(/tok-/)
  }
  await hub.close()
})

test('every answer is exactly what its schema in the OpenAPI page says', async () => {
  const hub = await openTestHub()
  await tellStory(hub)
  for (const [path, schema] of pages) {
    const { status, json } = await hub.get(`/api/v1/${path}`)
    expect(status, path).toBe(200)
    expect(schema.parse(json), path).toEqual(json)
  }
  await hub.close()
})
