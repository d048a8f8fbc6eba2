import { Decimal, isRecord, type Day, type ValueRecord } from '@shuniu/contracts'
import type { Line } from './lines.ts'
import type { Settings } from './settings.ts'
import { cleanSummary } from './summary.ts'

/** A voucher about to be saved. */
export interface Draft {
  readonly book: string
  readonly date: Day
  readonly word: { readonly number: string; readonly name: string }
  readonly attachments: Decimal
  readonly reference: string
  readonly lines: readonly Line[]
}

const zero = new Decimal('0')
const record = (FNumber: string): ValueRecord => ({ FNumber })

/** True when our reference has no field in the header: then 业务编号 of every entry and the end of its summary carry it. */
export const isReferenceOnEntries = (settings: Settings): boolean => settings.referenceField === 'FBUSNO'

/** The body of a Save (kingdee.md §4.1, §6): what the ledger keeps and `send` posts. The order of the keys is the template's. */
export function saveBody(draft: Draft, settings: Settings): ValueRecord {
  const { book, date, word, reference } = draft
  const header = isReferenceOnEntries(settings) ? {} : { [settings.referenceField]: reference }
  return {
    // Not sent: the answer holds the number but not the name of the word.
    word: word.name,
    data: {
      NeedReturnFields: ['FVOUCHERGROUPNO'],
      IsDeleteEntry: 'true',
      IsVerifyBaseDataField: 'true',
      ValidateFlag: 'true',
      NumberSearch: 'true',
      IgnoreInterationFlag: 'true',
      IsAutoSubmitAndAudit: 'false',
      Model: {
        FVOUCHERID: zero,
        FAccountBookID: record(book),
        FDate: date.text,
        FYEAR: new Decimal(String(date.year)),
        FPERIOD: new Decimal(String(date.month)),
        FVOUCHERGROUPID: record(word.number),
        FVOUCHERGROUPNO: '',
        FATTACHMENTS: draft.attachments,
        FISADJUSTVOUCHER: 'false',
        ...header,
        FEntity: draft.lines.map((line) => entryOf(line, reference, settings)),
      },
    },
  }
}

function entryOf(line: Line, reference: string, settings: Settings): ValueRecord {
  const carriesReference = isReferenceOnEntries(settings)
  const slots = Object.entries(line.dimensions).map(([slot, number]) => [`FDETAILID__${slot}`, record(number)])
  return {
    FEntryID: zero,
    FEXPLANATION: cleanSummary(line.summary, carriesReference ? reference : ''),
    FACCOUNTID: record(line.account),
    FDetailID: Object.fromEntries(slots),
    FCURRENCYID: record(line.currency),
    FEXCHANGERATETYPE: record('HLTX01_SYS'),
    FEXCHANGERATE: line.rate,
    FAMOUNTFOR: line.original,
    FDEBIT: line.debit,
    FCREDIT: line.credit,
    ...(carriesReference ? { FBUSNO: reference } : {}),
  }
}

/** The model inside a body. */
export function modelOf(body: ValueRecord): ValueRecord {
  const data = body['data'] ?? null
  const model = isRecord(data) ? (data['Model'] ?? null) : null
  return isRecord(model) ? model : {}
}
