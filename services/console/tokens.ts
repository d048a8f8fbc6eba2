import { Duration, HubError } from '@shuniu/contracts'
import { commitAudited, type Change, type Row } from '@shuniu/infra/store'
import { z } from 'zod'
import { roles, tokenHash, type Role } from './access.ts'
import { actor } from './input.ts'
import type { ConsolePorts } from './ports.ts'
import { timeOf } from './standing.ts'

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/)
  .meta({ description: 'Who or what carries it: small letters, digits and hyphens' })

const expires = z
  .string()
  .refine((text) => (Duration.parse(text)?.ms ?? 0) > 0)
  .meta({ description: 'How long it can be used: `12h`, `90d`; for ever when left out' })

export const tokenBody = z.strictObject({ name, role: z.enum(roles), expires: expires.optional(), actor })
export const revokeBody = z.strictObject({ actor })
export const tokenParams = z.strictObject({ name })

export const tokenItem = z.object({
  name: z.string(),
  role: z.enum(roles),
  state: z.enum(['usable', 'expired', 'revoked']),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().optional(),
  revokedAt: z.iso.datetime().optional(),
})
export const tokenList = z.object({ items: z.array(tokenItem) })
export const newToken = tokenItem.extend({
  token: z.string().meta({ description: 'Shown this once; the hub keeps only its hash' }),
})
export type TokenItem = z.output<typeof tokenItem>

type Ports = Pick<ConsolePorts, 'store' | 'clock' | 'random' | 'token'>

/** A new token. Throws `token.name-taken`, and `token.admin-first` where it would shut everybody out who could make another. */
export async function createToken(
  ports: Ports,
  { name: called, role, expires: lasting, actor: who }: z.output<typeof tokenBody>,
): Promise<z.output<typeof newToken>> {
  if (role !== 'admin' && !(await hasAdmin(ports))) throw new HubError('token.admin-first')
  const now = ports.clock.now()
  const token = `shuniu_${called}_${Buffer.from(ports.random.bytes(32)).toString('base64url')}`
  const until = lasting === undefined ? null : now + (Duration.parse(lasting)?.ms ?? 0)
  const row = { name: called, role, hash: tokenHash(token), created_at: now, expires_at: until, revoked_at: null }
  const detail = until === null ? role : `${role}, until ${timeOf(until)}`
  const line = { actor: who, action: 'token create', target: called, reason: '', detail }
  const outcome = await commitAudited(ports, line, [{ insert: 'tokens', row, ifAbsent: true }])
  if (outcome !== 'done') throw new HubError('token.name-taken', { name: called })
  return { ...itemOf({ id: 0, ...row }, now), token }
}

/** All that ever were, the newest first. */
export async function listTokens({ store, clock }: Ports): Promise<z.output<typeof tokenList>> {
  const rows = await store.select('tokens', {}, { order: { by: 'id', down: true } })
  return { items: rows.map((row) => itemOf(row, clock.now())) }
}

/** From now on nobody is let in by it. Throws `token.unknown`, and `token.last-admin` where others would be left without one. */
export async function revokeToken(
  ports: Ports,
  { name: called, actor: who }: z.output<typeof tokenParams> & z.output<typeof revokeBody>,
): Promise<TokenItem> {
  const live = await ports.store.select('tokens', { revoked_at: null })
  const found = live.find((row) => row.name === called)
  if (!found) throw new HubError('token.unknown', { name: called })
  const others = live.filter((row) => row !== found)
  const leavesNone = others.length > 0 && others.every(({ role }) => role !== 'admin')
  if (leavesNone && ports.token === undefined) throw new HubError('token.last-admin', { name: called })
  const revoked = { revoked_at: ports.clock.now() }
  const change: Change = { update: 'tokens', where: { name: called, revoked_at: null }, set: revoked }
  const line = { actor: who, action: 'token revoke', target: called, reason: '' }
  if ((await commitAudited(ports, line, [change])) !== 'done') throw new HubError('token.unknown', { name: called })
  return itemOf({ ...found, ...revoked }, ports.clock.now())
}

async function hasAdmin({ store, token }: Ports): Promise<boolean> {
  return (
    token !== undefined || (await store.select('tokens', { role: 'admin', revoked_at: null }, { limit: 1 })).length > 0
  )
}

function itemOf(row: Row<'tokens'>, now: number): TokenItem {
  const isOver = row.expires_at !== null && row.expires_at <= now
  return {
    name: row.name,
    role: roleOf(row.role),
    state: row.revoked_at === null ? (isOver ? 'expired' : 'usable') : 'revoked',
    createdAt: timeOf(row.created_at),
    ...(row.expires_at === null ? {} : { expiresAt: timeOf(row.expires_at) }),
    ...(row.revoked_at === null ? {} : { revokedAt: timeOf(row.revoked_at) }),
  }
}

/** A role that a later release knows and this one does not may the least. */
function roleOf(text: string): Role {
  return roles.find((role) => role === text) ?? 'read'
}
