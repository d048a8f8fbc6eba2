import type { ParkReason } from '@shuniu/contracts'
import type { Change, EventRow, Row } from '@shuniu/infra/store'
import type { Receipt } from './receipt.ts'

/** Of the document that was read, for the receipt's row. */
export interface Read {
  readonly number: string
  readonly form: string
}

/** How a turn of the normaliser ends for a receipt. `final`: its document was read and will not change any more. */
export type Ending =
  | {
      readonly is: 'published'
      readonly read: Read
      readonly final: boolean
      readonly events: readonly { readonly id: string; readonly row: EventRow }[]
      /** Go into the same commit: the revision that was given. */
      readonly revision: readonly Change[]
    }
  | { readonly is: 'skipped'; readonly because: string; readonly final: boolean; readonly read?: Read }
  | {
      readonly is: 'parked'
      readonly reason: ParkReason
      readonly detail: string
      readonly final: boolean
      readonly read?: Read
    }
  /** Another attempt in `after` ms; `detail` is what it has to remember. */
  | { readonly is: 'later'; readonly after: number; readonly attempts: number; readonly detail: string }

/** One commit: the receipt leaves `received` (if it still is), what it became goes out, and the totals follow. */
export function changesOf(receipt: Receipt, ending: Ending, now: number): readonly Change[] {
  const set = columnsOf(ending, now)
  const row: Change = { update: 'receipts', where: { id: receipt.id, state: 'received' }, set }
  if (ending.is === 'later') return [row]
  const count: Change = { count: `receipts.${ending.is}`, by: 1 }
  if (ending.is !== 'published') return [row, count]
  return [row, ...ending.revision, ...ending.events.map((event): Change => ({ append: event.row })), count]
}

function columnsOf(ending: Ending, now: number): Partial<Row<'receipts'>> {
  if (ending.is === 'later') {
    return { attempts: ending.attempts, next_at: Math.ceil(now + ending.after), detail: ending.detail }
  }
  const { read, final } = ending
  const common = { state: ending.is, next_at: null, final: final ? 1 : 0, ...read }
  switch (ending.is) {
    case 'published':
      return { ...common, reason: null, detail: null, events: JSON.stringify(ending.events.map(({ id }) => id)) }
    case 'skipped':
      return { ...common, reason: ending.because, detail: null }
    case 'parked':
      return { ...common, reason: ending.reason, detail: ending.detail, noticed_at: null }
  }
}
