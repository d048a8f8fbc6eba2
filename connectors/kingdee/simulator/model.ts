import { accountOf } from './accounts.ts'
import { isWholeFen, parseAmount, printAmount } from './amount.ts'
import { msgCode, Refusal } from './answers.ts'
import { flagOf, isObject, member, numberOf, textOf } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import { dimensions, referenceField } from './tenant.ts'
import type { Voucher, VoucherEntry } from './voucher.ts'

/** What a Save wants the voucher to be, before it is checked and numbered. An entry id of 0 is a new one. */
export type Draft = Pick<
  Voucher,
  | 'FAccountBookID'
  | 'FDate'
  | 'FBUSDATE'
  | 'FVOUCHERGROUPID'
  | 'FATTACHMENTS'
  | 'FReference'
  | 'F_HUB_SourceId'
  | 'FEntity'
> & {
  /** As sent; empty when it is to be derived from the date. */
  readonly year: string
  readonly period: string
}

/** The parameters of Save that change what the model means (kingdee.md §4.1). */
export interface SaveOptions {
  readonly deleteEntries: boolean
  readonly verifyBaseData: boolean
  /** Keys an update may change; empty = all. */
  readonly only: ReadonlySet<string>
}

export function readSaveOptions(data: JsonObject): SaveOptions {
  const keys = member(data, 'NeedUpDateFields')
  return {
    deleteEntries: flagOf(member(data, 'IsDeleteEntry'), true),
    verifyBaseData: flagOf(member(data, 'IsVerifyBaseDataField'), false),
    only: new Set(Array.isArray(keys) ? keys.map((key) => textOf(key).toLowerCase()) : []),
  }
}

/** Reads `Model`, on top of the voucher it updates. Keys the form does not have are ignored. */
export function readModel(model: JsonObject, before: Voucher | undefined, options: SaveOptions): Draft {
  const given = givenBy(model, before === undefined ? new Set() : options.only)
  const text = (key: string, old: string | undefined): string =>
    given(key) === undefined ? (old ?? '') : textOf(given(key))
  const record = (key: string, old: string | undefined): string =>
    given(key) === undefined ? (old ?? '') : numberOf(given(key))
  const date = text('FDate', before?.FDate)
  return {
    FAccountBookID: record('FAccountBookID', before?.FAccountBookID),
    FDate: date.slice(0, 10),
    FBUSDATE: text('FBUSDATE', before?.FBUSDATE).slice(0, 10),
    FVOUCHERGROUPID: record('FVOUCHERGROUPID', before?.FVOUCHERGROUPID),
    FATTACHMENTS: text('FATTACHMENTS', before?.FATTACHMENTS) || '0',
    FReference: text('FReference', before?.FReference),
    F_HUB_SourceId: text(referenceField, before?.F_HUB_SourceId),
    FEntity: readEntries(given('FEntity'), before, options),
    year: text('FYEAR', ''),
    period: text('FPERIOD', ''),
  }
}

/** Members of the model; those an update may not change count as not given. */
const givenBy =
  (object: JsonObject, only: ReadonlySet<string>) =>
  (key: string): Json | undefined =>
    only.size === 0 || only.has(key.toLowerCase()) ? member(object, key) : undefined

function readEntries(sent: Json | undefined, before: Voucher | undefined, options: SaveOptions): VoucherEntry[] {
  const old = before?.FEntity ?? []
  if (sent === undefined) return [...old]
  const entries = (Array.isArray(sent) ? sent : []).map((entry) =>
    readEntry(isObject(entry) ? entry : {}, old, options),
  )
  if (options.deleteEntries) return entries
  const touched = new Set(entries.map((entry) => entry.FEntryID))
  return [...old.filter((entry) => !touched.has(entry.FEntryID)), ...entries]
}

function readEntry(model: JsonObject, old: readonly VoucherEntry[], options: SaveOptions): VoucherEntry {
  const FEntryID = Number(textOf(member(model, 'FEntryID')) || 0)
  const before = old.find((entry) => entry.FEntryID === FEntryID)
  if (FEntryID !== 0 && !before) throw new Refusal(msgCode.noData, `分录（${FEntryID}）不存在`)
  const given = givenBy(model, before ? options.only : new Set())
  const text = (key: string, otherwise: string): string => (given(key) === undefined ? otherwise : textOf(given(key)))
  const record = (key: string, otherwise: string): string =>
    given(key) === undefined ? otherwise : numberOf(given(key))
  const FDEBIT = money(text('FDEBIT', before?.FDEBIT ?? ''), 'FDEBIT')
  const FCREDIT = money(text('FCREDIT', before?.FCREDIT ?? ''), 'FCREDIT')
  const ownCurrency = parseAmount(FDEBIT) === 0n ? FCREDIT : FDEBIT
  return {
    FEntryID,
    FEXPLANATION: text('FEXPLANATION', before?.FEXPLANATION ?? ''),
    FACCOUNTID: record('FACCOUNTID', before?.FACCOUNTID ?? ''),
    FDetailID:
      given('FDetailID') === undefined ? (before?.FDetailID ?? {}) : readDimensions(given('FDetailID'), model, options),
    FCURRENCYID: record('FCURRENCYID', before?.FCURRENCYID ?? ''),
    FEXCHANGERATETYPE: record('FEXCHANGERATETYPE', before?.FEXCHANGERATETYPE ?? ''),
    FEXCHANGERATE: text('FEXCHANGERATE', before?.FEXCHANGERATE ?? '1'),
    FAMOUNTFOR: money(text('FAMOUNTFOR', before?.FAMOUNTFOR ?? ownCurrency), 'FAMOUNTFOR'),
    FDEBIT,
    FCREDIT,
    FBUSNO: text('FBUSNO', before?.FBUSNO ?? ''),
  }
}

/** Own invention: amounts finer than a fen are refused; what the vendor does with them is unconfirmed. */
function money(text: string, field: string): string {
  const amount = parseAmount(text.trim())
  if (amount === undefined || !isWholeFen(amount)) throw new Refusal(msgCode.invalid, `金额（${text}）不正确`, field)
  return printAmount(amount, 2)
}

/**
 * `{FDETAILID__FFLEX5: {FNumber}}`: object in object with two underscores. A list fails, a bare `FFLEX5` is silently
 * ignored, an empty number counts as not sent (kingdee.md §6.2, §6.5).
 */
function readDimensions(sent: Json | undefined, model: JsonObject, options: SaveOptions): Record<string, string> {
  if (Array.isArray(sent))
    throw new Refusal(msgCode.exception, '无法将类型为“JSONArray”的对象强制转换为类型“Dictionary”。')
  const found: Record<string, string> = {}
  for (const [key, value] of Object.entries(isObject(sent) ? sent : {})) {
    const slot = /^FDETAILID__(\w+)$/i.exec(key)?.[1]?.toUpperCase()
    const number = numberOf(value)
    if (slot === undefined || number === '') continue
    const account = accountOf(numberOf(member(model, 'FACCOUNTID')))
    if (options.verifyBaseData && !isUsable(slot, number) && !account?.required.includes(slot)) {
      // Own invention: the text. Of a required dimension the check of the whole line speaks.
      throw new Refusal(msgCode.invalid, `字段[${dimensions[slot]?.title ?? slot}]的值[${number}]不存在`, 'FDetailID')
    }
    found[slot] = number
  }
  return found
}

/** It exists, is not disabled and belongs to the organisation of the book, which is always 100 here. */
export const isUsable = (slot: string, number: string): boolean =>
  dimensions[slot]?.records.some((one) => one.number === number && one.org === '100' && !one.forbidden) ?? false
