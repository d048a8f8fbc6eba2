import type { Store } from '@shuniu/infra/store'
import { z } from 'zod'
import { mapPage, newest, pageAsks, pageOf, type Page } from './page.ts'
import { timeOf } from './standing.ts'

export const auditQuery = z.strictObject(pageAsks)
export const auditItem = z.object({
  id: z.int(),
  at: z.iso.datetime(),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  reason: z.string(),
  detail: z.string().optional(),
  hash: z.string().meta({ description: 'Holds the hash of the line before: a missing or altered line shows' }),
  previous: z.string(),
})
export const auditPage = pageOf(auditItem)
export type AuditItem = z.output<typeof auditItem>

/** Who decided what, newest first. */
export async function listAudit(store: Store, ask: z.output<typeof auditQuery>): Promise<Page<AuditItem>> {
  const page = await newest(store, 'audit', {}, ask, true)
  return mapPage(page, ({ at, detail, ...rest }) => ({ ...rest, at: timeOf(at), ...(detail === '' ? {} : { detail }) }))
}
