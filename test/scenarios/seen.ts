import type { BookEntry } from '@shuniu/sdk/simulator'
import type { Rig, Systems } from './rig.ts'

/** For `expect.poll`: longer than a time-out, a quarantine and two look-ups of the example. */
export const patience = { timeout: 35_000, interval: 100 }

/** Vouchers in Kingdee's book that carry a reference of ours; as they are now, deleted ones too. */
export const vouchers = ({ kingdee }: Pick<Systems, 'kingdee'>): BookEntry[] =>
  kingdee.book.list('voucher').filter(({ reference }) => reference)

/** Those that are not deleted. */
export const live = (systems: Pick<Systems, 'kingdee'>): BookEntry[] =>
  vouchers(systems).filter(({ status }) => status !== 'deleted')

const words = (...parts: readonly (string | null)[]): string => parts.filter(Boolean).join(' ')

/** How every delivery stands: `flow done`, `undo parked human`. */
export async function runs({ hub }: Pick<Rig, 'hub'>): Promise<string[]> {
  const rows = await hub.parts.store.select('runs', {}, { order: { by: 'id' } })
  return rows.filter(({ flow }) => flow !== '').map(({ kind, state, reason }) => words(kind, state, reason))
}

/** How every receipt stands: `published`, `skipped no mapping`. */
export async function receipts({ hub }: Pick<Rig, 'hub'>): Promise<string[]> {
  const rows = await hub.parts.store.select('receipts', {}, { order: { by: 'id' } })
  return rows.map(({ state, reason }) => words(state, reason))
}

/** States of the effects that move money. */
export async function effects({ hub }: Pick<Rig, 'hub'>): Promise<string[]> {
  const rows = await hub.parts.store.select('effects', { kind: 'money' }, { order: { by: 'id' } })
  return rows.map(({ state }) => state)
}

/** What a simulator was asked, of one operation. */
export async function asked({ url }: { readonly url: string }, operation: string): Promise<Asked[]> {
  const answer = (await (await fetch(`${url}/_sim/requests`)).json()) as { requests: Asked[] }
  return answer.requests.filter((one) => one.operation === operation)
}

export interface Asked {
  readonly operation: string
  readonly arrivedMs: number
  readonly body: string
}

interface VoucherBody {
  readonly FDate: string
  readonly FEntity: readonly Readonly<Record<'FDEBIT' | 'FCREDIT' | 'FEXPLANATION' | 'FACCOUNTID', string>>[]
}

const linesOf = ({ body }: BookEntry): VoucherBody['FEntity'] => (body as unknown as VoucherBody).FEntity

/** Debit and credit of each line. */
export const amounts = (voucher: BookEntry): [string, string][] =>
  linesOf(voucher).map(({ FDEBIT, FCREDIT }) => [FDEBIT, FCREDIT])

export const accounts = (voucher: BookEntry): string[] => linesOf(voucher).map(({ FACCOUNTID }) => FACCOUNTID)

/** `yyyy-MM-dd` */
export const dayOf = ({ body }: BookEntry): string => (body as unknown as VoucherBody).FDate

/** The summaries of a voucher's lines. */
export const summaries = (voucher: BookEntry): string[] => linesOf(voucher).map(({ FEXPLANATION }) => FEXPLANATION)

/** What a parked run says to a person, in English. */
export async function said({ hub }: Pick<Rig, 'hub'>): Promise<string[]> {
  const rows = await hub.parts.store.select('runs', { open: 'parked' }, { order: { by: 'id' } })
  return rows.map(({ detail }) => JSON.parse(detail ?? '{}')?.message?.en ?? '')
}
