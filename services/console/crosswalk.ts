import { HubError } from '@shuniu/contracts'
import { commitAudited, type Change, type Row, type Where } from '@shuniu/infra/store'
import { z } from 'zod'
import { actor, reason, text } from './input.ts'
import { mapPage, newest, pageAsks, pageOf, type Page } from './page.ts'
import type { ConsolePorts, CrosswalkPair } from './ports.ts'

const end = z.strictObject({ connection: text('Name of a connection'), id: text('Id of the thing there', 500) })

export const crosswalkQuery = z.strictObject({
  kind: text('Kind of thing: project, supplier …').optional(),
  id: text('Its id in the system it comes from', 500).optional(),
  ...pageAsks,
})
export const pair = z.strictObject({ kind: text('Kind of thing'), from: end, to: end })
export const pairPage = pageOf(pair)
export const crosswalkBody = pair.extend({ reason: reason.default('set by hand'), actor })

type Ground = Pick<ConsolePorts, 'store' | 'clock' | 'hashes' | 'connections' | 'parking'>

/** Ids of the same thing in different systems, newest first. */
export async function listCrosswalk(ports: Ground, ask: z.output<typeof crosswalkQuery>): Promise<Page<CrosswalkPair>> {
  const { kind, id } = ask
  const indexed = kind !== undefined && id !== undefined
  const where: Where<'crosswalk'> = {
    ...(kind === undefined ? {} : { kind }),
    ...(id === undefined ? {} : { from_id: id }),
    ...(indexed ? { from_hash: origins(ports).map((name) => ports.hashes.crosswalk(kind, name, id)) } : {}),
  }
  return mapPage(await newest(ports.store, 'crosswalk', where, ask, indexed), pairOf)
}

const origins = ({ connections }: Ground): string[] => [
  ...new Set(connections.sources.map(({ connection }) => connection)),
]

/** Writes a pair, in place of what was known of the same thing; runs that wait for it go on. */
export async function setCrosswalk(
  ports: Ground,
  { kind, from, to, reason: why, actor: who }: z.output<typeof crosswalkBody>,
): Promise<CrosswalkPair> {
  const identity = { kind, from_connection: from.connection, from_id: from.id, to_connection: to.connection }
  const from_hash = ports.hashes.crosswalk(kind, from.connection, from.id)
  const [known] = await ports.store.select('crosswalk', { ...identity, from_hash })
  const write: Change = known
    ? { update: 'crosswalk', where: { id: known.id, to_id: known.to_id }, set: { to_id: to.id } }
    : { insert: 'crosswalk', row: { ...identity, from_hash, to_id: to.id }, ifAbsent: true }
  const detail = JSON.stringify({ before: known?.to_id ?? null, after: to.id })
  const target = `crosswalk ${kind} ${from.connection} ${from.id} ${to.connection}`
  const line = { actor: who, action: 'crosswalk set', target, reason: why, detail }
  const outcome = await commitAudited(ports, line, [write])
  if (outcome !== 'done') throw new HubError('api.pair-taken')
  await ports.parking.learned({ kind, from, to })
  return { kind, from, to }
}

function pairOf(row: Row<'crosswalk'>): CrosswalkPair {
  return {
    kind: row.kind,
    from: { connection: row.from_connection, id: row.from_id },
    to: { connection: row.to_connection, id: row.to_id },
  }
}
