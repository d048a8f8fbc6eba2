import type { Book, BookEntry } from '@shuniu/sdk/simulator'
import { msgCode, Refusal } from './answers.ts'
import { periodOf } from './periods.ts'
import { bookkeeper } from './tenant.ts'
import { voucherNumber } from './voucher.ts'
import type { Voucher } from './voucher.ts'

/** The vouchers that exist. What is read has been flushed to the book. */
export interface Vouchers {
  get(id: number): Voucher | undefined
  /** All of them, or only those that can match when the filter pins id, reference or business number. */
  candidates(pins: ReadonlyMap<string, string>): Iterable<Voucher>
  newId(): number
  newEntryId(): number
  /** Runs from 1 per book, period and word; a number is never given twice. */
  newNumber(place: Pick<Voucher, 'FAccountBookID' | 'FDate' | 'FVOUCHERGROUPID'>): number
  write(voucher: Voucher): Promise<void>
  remove(voucher: Voucher): Promise<void>
  /** One writer a record: a second one meanwhile is refused with MsgCode 13. */
  locked<Result>(id: number, work: () => Promise<Result>): Promise<Result>
  /** Somebody has it open in an editor. */
  hold(id: number): void
  release(id: number): void
}

/** Own invention: ids start at 100000, those of entries at 200000. */
const FIRST_ID = 100_000
const FIRST_ENTRY_ID = 200_000

const isVoucher = (body: unknown): body is Voucher =>
  typeof body === 'object' && body !== null && 'FVOUCHERID' in body && 'FEntity' in body

/** Reads the vouchers of the book. */
export function openVouchers(book: Book): Vouchers {
  const byId = new Map<number, Voucher>()
  const byText = { f_hub_sourceid: textIndex(), fbusno: textIndex() }
  const numbers = new Map<string, number>()
  const busy = new Set<number>()
  const held = new Set<number>()
  let lastId = FIRST_ID - 1
  let lastEntryId = FIRST_ENTRY_ID - 1

  const forget = (id: number): void => {
    const before = byId.get(id)
    byText.f_hub_sourceid.remove(before?.F_HUB_SourceId, id)
    for (const entry of before?.FEntity ?? []) byText.fbusno.remove(entry.FBUSNO, id)
    byId.delete(id)
  }
  const show = (voucher: Voucher): void => {
    const id = voucher.FVOUCHERID
    if (byId.has(id)) forget(id)
    byId.set(id, voucher)
    byText.f_hub_sourceid.add(voucher.F_HUB_SourceId, id)
    for (const entry of voucher.FEntity) byText.fbusno.add(entry.FBUSNO, id)
  }
  const remember = (voucher: Voucher, gone: boolean): void => {
    lastId = Math.max(lastId, voucher.FVOUCHERID)
    lastEntryId = Math.max(lastEntryId, ...voucher.FEntity.map((entry) => entry.FEntryID))
    const place = numberingOf(voucher)
    numbers.set(place, Math.max(numbers.get(place) ?? 0, voucher.FVOUCHERGROUPNO))
    if (!gone) show(voucher)
  }
  for (const { status, body } of book.list('voucher')) if (isVoucher(body)) remember(body, status === 'deleted')

  return {
    get: (id) => byId.get(id),
    candidates(pins) {
      const id = pins.get('fvoucherid')
      const ids = id === undefined ? pinned(byText, pins) : [Number(id)]
      return ids ? [...ids].flatMap((one) => byId.get(one) ?? []) : byId.values()
    },
    newId: () => (lastId += 1),
    newEntryId: () => (lastEntryId += 1),
    newNumber(place) {
      const next = (numbers.get(numberingOf(place)) ?? 0) + 1
      numbers.set(numberingOf(place), next)
      return next
    },
    async write(voucher) {
      await book.append(bookEntry(voucher, voucher.FDocumentStatus))
      show(voucher)
    },
    async remove(voucher) {
      await book.append(bookEntry(voucher, 'deleted'))
      forget(voucher.FVOUCHERID)
    },
    async locked(id, work) {
      if (busy.has(id) || held.has(id)) throw editLock(byId.get(id))
      busy.add(id)
      try {
        return await work()
      } finally {
        busy.delete(id)
      }
    },
    hold: (id) => void held.add(id),
    release: (id) => void held.delete(id),
  }
}

const numberingOf = ({ FAccountBookID, FDate, FVOUCHERGROUPID }: Parameters<Vouchers['newNumber']>[0]): string =>
  `${FAccountBookID} ${periodOf(FDate)} ${FVOUCHERGROUPID}`

interface TextIndex {
  add(text: string, id: number): void
  remove(text: string | undefined, id: number): void
  get(text: string): Iterable<number>
}

/** Which vouchers carry a text; empty texts are not kept. */
function textIndex(): TextIndex {
  const ids = new Map<string, Set<number>>()
  return {
    add(text, id) {
      if (text !== '' && !ids.get(text)?.add(id)) ids.set(text, new Set([id]))
    },
    remove(text, id) {
      if (text === undefined || !ids.get(text)?.delete(id)) return
      if (ids.get(text)?.size === 0) ids.delete(text)
    },
    get: (text) => ids.get(text) ?? [],
  }
}

function pinned(byText: Readonly<Record<string, TextIndex>>, pins: ReadonlyMap<string, string>) {
  for (const [field, index] of Object.entries(byText)) {
    const text = pins.get(field)
    if (text !== undefined && text !== '') return index.get(text)
  }
  return undefined
}

const editLock = (voucher: Voucher | undefined): Refusal =>
  new Refusal(
    msgCode.editLock,
    `"${bookkeeper}"使用业务单据："凭证-${voucher ? voucherNumber(voucher) : ''}"业务操作-"[凭证-修改]"冲突，请稍候再使用。`,
  )

/** What `/_sim/book` shows of a voucher. */
interface VoucherBookEntry extends BookEntry {
  readonly date: string
  readonly year: number
  readonly period: number
  readonly book: string
  readonly body: Voucher
}

function bookEntry(voucher: Voucher, status: Voucher['FDocumentStatus'] | 'deleted'): VoucherBookEntry {
  return {
    id: String(voucher.FVOUCHERID),
    number: voucherNumber(voucher),
    kind: 'voucher',
    status,
    ...(voucher.F_HUB_SourceId === '' ? {} : { reference: voucher.F_HUB_SourceId }),
    date: voucher.FDate,
    year: voucher.FYEAR,
    period: voucher.FPERIOD,
    book: voucher.FAccountBookID,
    body: voucher,
  }
}
