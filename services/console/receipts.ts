import { receiptStates, type Language } from '@shuniu/contracts'
import type { Row, Store, Where } from '@shuniu/infra/store'
import { z } from 'zod'
import { text } from './input.ts'
import { allAsked, mapPage, newest, pageAsks, pageOf, type Page } from './page.ts'
import type { ConsolePorts } from './ports.ts'
import { standingOf, timeOf } from './standing.ts'
import { skipWords } from './words.ts'

export const receiptsQuery = z.strictObject({
  state: z.enum(receiptStates).optional(),
  connection: text('Name of a connection').optional(),
  number: text('Number of the document, once it was read').optional(),
  subject: text('Id of the document in its system').optional(),
  all: allAsked,
  ...pageAsks,
})

export const receiptItem = z.object({
  id: z.int(),
  connection: z.string(),
  source: z.string(),
  origin: z.string().meta({ description: 'push, stream, poll or sweep' }),
  form: z.string().optional(),
  subject: z.string(),
  number: z.string().optional(),
  state: z.enum(receiptStates),
  reason: z.string().optional(),
  message: z.string().optional(),
  receivedAt: z.iso.datetime(),
  events: z.array(z.string()).meta({ description: 'Ids of what it became' }),
  final: z.boolean().meta({ description: 'Its document was read and will not change any more' }),
})
export const receiptPage = pageOf(receiptItem)
export type ReceiptItem = z.output<typeof receiptItem>

const openStates: readonly string[] = ['received', 'parked']

/** What was handed over to us, newest first. */
export async function listReceipts(
  ports: Pick<ConsolePorts, 'store' | 'hashes' | 'connections'>,
  ask: z.output<typeof receiptsQuery>,
  language: Language,
): Promise<Page<ReceiptItem>> {
  const { state, connection, number, subject, all } = ask
  const open = state !== undefined && openStates.includes(state)
  const where: Where<'receipts'> = {
    ...(state === undefined ? {} : open ? { open: state } : { state }),
    ...(connection === undefined ? {} : { connection }),
    ...(number === undefined ? {} : { number }),
    ...(subject === undefined ? {} : { subject, subject_hash: subjectHashes(ports, subject) }),
  }
  const indexed = open || number !== undefined || subject !== undefined
  const everything = all === 'true' || indexed || state !== undefined
  const page = await newest(ports.store, 'receipts', where, ask, indexed, everything ? undefined : isAboutSomething)
  return mapPage(page, (row) => itemOfReceipt(row, language))
}

/** Of most steps of an approval a vendor tells too; they are skipped before any document is read. */
const isAboutSomething = ({ state, number }: Row<'receipts'>): boolean => state !== 'skipped' || number !== null

/** Receipts about one document of a source, whatever connection it came through. */
export function receiptsAbout(
  ports: Pick<ConsolePorts, 'hashes' | 'connections'> & { store: Store },
  subject: string,
): Promise<Row<'receipts'>[]> {
  return ports.store.select('receipts', { subject, subject_hash: subjectHashes(ports, subject) })
}

function subjectHashes(
  { hashes, connections }: Pick<ConsolePorts, 'hashes' | 'connections'>,
  subject: string,
): number[] {
  return connections.sources.map(({ connection, source }) => hashes.subject(connection, source, subject))
}

/** A receipt for people and programs; never its body. */
export function itemOfReceipt(row: Row<'receipts'>, language: Language): ReceiptItem {
  const { form, number, reason } = row
  const skipped = row.state === 'skipped' ? skipWords[reason ?? '']?.[language] : undefined
  const message = standingOf(row.detail, language)?.message ?? skipped
  return {
    id: row.id,
    connection: row.connection,
    source: row.source,
    origin: row.origin,
    subject: row.subject,
    state: receiptStates.find((state) => state === row.state) ?? 'received',
    receivedAt: timeOf(row.received_at),
    events: eventsOf(row.events),
    final: row.final === 1,
    ...(form === null ? {} : { form }),
    ...(number === null ? {} : { number }),
    ...(reason === null ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  }
}

/** Ids of the events a receipt became. */
export function eventsOf(column: string | null): string[] {
  const ids: unknown = column === null ? [] : JSON.parse(column)
  return Array.isArray(ids) ? ids.map(String) : []
}
