import { msgCode, Refusal } from './answers.ts'
import type { Outcome } from './answers.ts'
import { checkHeader, checkPeriod, checkVoucher } from './check.ts'
import type { Desk } from './desk.ts'
import { flagOf, isObject, member, textOf } from './json.ts'
import type { JsonObject } from './json.ts'
import { readModel, readSaveOptions } from './model.ts'
import type { Draft } from './model.ts'
import { transition } from './transitions.ts'
import type { Status, Voucher } from './voucher.ts'

/** A record that was saved, with what NeedReturnFields asked for. */
export interface Saved {
  readonly outcome: Outcome
  readonly returned: Record<string, unknown>
}

/** Saves one model: a new voucher, or an update when its primary key is not 0 (kingdee.md §4.1). */
export async function saveOne(
  desk: Desk,
  model: JsonObject,
  data: JsonObject,
  user: string,
  target: 'A' | 'Z',
): Promise<Saved> {
  const id = Number(textOf(member(model, 'FVOUCHERID')) || 0)
  const saved = id === 0 ? await create(desk, model, data, user, target) : await update(desk, id, model, data, target)
  const returned = returnedFields(saved, member(data, 'NeedReturnFields'))
  if (target === 'A' && flagOf(member(data, 'IsAutoSubmitAndAudit'), false)) {
    await transition(desk, 'Submit', saved.FVOUCHERID, user)
    await transition(desk, 'Audit', saved.FVOUCHERID, user)
  }
  return { outcome: { Id: saved.FVOUCHERID, Number: '' }, returned }
}

async function create(desk: Desk, model: JsonObject, data: JsonObject, user: string, target: Status): Promise<Voucher> {
  const draft = checked(desk, readModel(model, undefined, readSaveOptions(data)), target)
  const voucher = numbered(desk, draft, undefined, {
    FVOUCHERID: desk.vouchers.newId(),
    FDocumentStatus: target,
    FCreatorId: user,
    FCreateDate: desk.moment(),
  })
  await desk.vouchers.write(voucher)
  return voucher
}

function update(desk: Desk, id: number, model: JsonObject, data: JsonObject, target: Status): Promise<Voucher> {
  return desk.vouchers.locked(id, async () => {
    const before = desk.vouchers.get(id)
    if (!before) throw new Refusal(msgCode.noData, `单据（${id}）不存在`)
    if (!'ZAD'.includes(before.FDocumentStatus))
      throw new Refusal(msgCode.wrongState, '单据已提交或已审核，不能修改', 'FDocumentStatus')
    checkPeriod(before, desk)
    const draft = checked(desk, readModel(model, before, readSaveOptions(data)), target)
    const FDocumentStatus = before.FDocumentStatus === 'Z' ? target : before.FDocumentStatus
    const voucher = numbered(desk, draft, before, { ...before, FDocumentStatus })
    await desk.vouchers.write(voucher)
    return voucher
  })
}

function checked(desk: Desk, draft: Draft, target: Status): Draft {
  if (target === 'Z') checkHeader(draft)
  else checkVoucher(draft, desk)
  return draft
}

type Kept = Pick<Voucher, 'FVOUCHERID' | 'FDocumentStatus' | 'FCreatorId' | 'FCreateDate'> & { FCHECKERID?: string }

/** Gives the numbers of the server: running number per book, period and word, and entry ids. */
function numbered(desk: Desk, draft: Draft, before: Voucher | undefined, kept: Kept): Voucher {
  const { year: _year, period: _period, ...content } = draft
  const stays =
    before?.FAccountBookID === draft.FAccountBookID &&
    before.FVOUCHERGROUPID === draft.FVOUCHERGROUPID &&
    before.FDate.slice(0, 7) === draft.FDate.slice(0, 7)
  return {
    ...kept,
    ...content,
    FYEAR: Number(draft.FDate.slice(0, 4)),
    FPERIOD: Number(draft.FDate.slice(5, 7)),
    FVOUCHERGROUPNO: stays ? before.FVOUCHERGROUPNO : desk.vouchers.newNumber(draft),
    FCHECKERID: kept.FCHECKERID ?? '',
    FModifyDate: desk.moment(),
    FEntity: draft.FEntity.map((entry) =>
      entry.FEntryID === 0 ? { ...entry, FEntryID: desk.vouchers.newEntryId() } : entry,
    ),
  }
}

/** Header fields by key, entry fields as `FEntity.FEntryID`. */
function returnedFields(voucher: Voucher, keys: unknown): Record<string, unknown> {
  const wanted = Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : []
  const header = Object.entries(voucher).filter(([key]) => key !== 'FEntity' && wanted.includes(key))
  const entryKeys = wanted.flatMap((key) => /^FEntity\.(\w+)$/.exec(key)?.[1] ?? [])
  const pick = (of: object) => Object.fromEntries(Object.entries(of).filter(([key]) => entryKeys.includes(key)))
  return {
    ...Object.fromEntries(header.map(([key, value]) => [key, key === 'FVOUCHERGROUPNO' ? String(value) : value])),
    ...(entryKeys.length > 0 ? { FEntity: voucher.FEntity.map(pick) } : {}),
  }
}

/** True for the red-letter voucher of a reversal: every line is negative, on its own side. */
export function isReversal(model: JsonObject): boolean {
  const entries = member(model, 'FEntity')
  if (!Array.isArray(entries) || entries.length === 0) return false
  return entries.every(
    (entry) =>
      isObject(entry) &&
      [member(entry, 'FDEBIT'), member(entry, 'FCREDIT')].some((amount) => textOf(amount).trim().startsWith('-')),
  )
}
