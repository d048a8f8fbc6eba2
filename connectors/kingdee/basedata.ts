import { ask, oneOf, quoted, type Row } from './query.ts'
import type { Client } from './client.ts'
import { fresh, type Fresh } from './fresh.ts'

/** An account of the chart, as far as a voucher's line depends on it. */
export interface Account {
  readonly number: string
  readonly name: string
  readonly isLeaf: boolean
  /** Not audited, or disabled. */
  readonly isLocked: boolean
  /** Slots every line on it has to carry: `FFLEX5`. */
  readonly slots: readonly string[]
}

/** A master-data record; `usable` = audited and not disabled. */
export interface BaseRecord {
  readonly number: string
  readonly name: string
  readonly usable: boolean
}

/** The base data vouchers lean on, each kept for 10 minutes. */
export interface BaseData {
  readonly accounts: Fresh<Account>
  readonly books: Fresh<BaseRecord>
  /** By number and by name. */
  readonly words: Fresh<BaseRecord>
  /** Records behind a slot; undefined when no form is known for it, and Kingdee alone can say. */
  dimension(slot: string): Fresh<BaseRecord> | undefined
}

const life = 10 * 60_000
export const accountFields = [
  'FNumber',
  'FName',
  'FIsDetail',
  'FDocumentStatus',
  'FForbidStatus',
  'FFlEXITEMPROPERTYID.FNumber',
]
export const recordFields = ['FNumber', 'FName', 'FDocumentStatus', 'FForbidStatus']
export const wordForm = 'BD_VOUCHERGROUP'
export const bookForm = 'BD_AccountBook'
export const accountForm = 'BD_Account'

const isTrue = (text = ''): boolean => /^(true|1)$/i.test(text)
const isUsable = (row: Row): boolean => row['FDocumentStatus'] === 'C' && row['FForbidStatus'] === 'A'

/** One row for each required dimension of an account (kingdee.md §6.3). */
export function toAccounts(rows: readonly Row[]): Account[] {
  const rowsOf = Map.groupBy(rows, (row) => row['FNumber'] ?? '')
  return [...rowsOf].flatMap(([number, [first, ...others]]) =>
    first === undefined
      ? []
      : {
          number,
          name: first['FName'] ?? '',
          isLeaf: isTrue(first['FIsDetail']),
          isLocked: !isUsable(first),
          slots: [first, ...others]
            .map((row) => row['FFlEXITEMPROPERTYID.FNumber']?.trim() ?? '')
            .filter((slot) => slot !== ''),
        },
  )
}

export const toRecord = (row: Row): BaseRecord => ({
  number: row['FNumber'] ?? '',
  name: row['FName'] ?? '',
  usable: isUsable(row),
})

export function openBaseData(client: Client): BaseData {
  const { ground, settings } = client
  const records = (form: string): Fresh<BaseRecord> =>
    fresh(
      ground.clock,
      life,
      async (numbers) => byNumber((await readByNumber(client, form, recordFields, numbers)).map(toRecord)),
      (record) => record.usable,
    )
  const slots = new Map<string, Fresh<BaseRecord>>()
  return {
    books: records(bookForm),
    words: fresh(ground.clock, life, (names) => readWords(client, names)),
    accounts: fresh(
      ground.clock,
      life,
      async (numbers) => byNumber(toAccounts(await readByNumber(client, accountForm, accountFields, numbers))),
      (account) => account.isLeaf && !account.isLocked,
    ),
    dimension(slot) {
      const form = settings.dimensionForms[slot]
      if (!form) return undefined
      return slots.get(slot) ?? slots.set(slot, records(form)).get(slot)
    },
  }
}

function readByNumber(
  client: Client,
  form: string,
  fields: readonly string[],
  numbers: readonly string[],
): Promise<Row[]> {
  return ask(client, { form, fields, filter: oneOf('FNumber', numbers) })
}

function byNumber<Item extends { readonly number: string }>(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.number, item]))
}

/** Voucher words by number (`PRE001`) or by name (`记`); a name two words share counts as unknown. */
async function readWords(client: Client, names: readonly string[]): Promise<ReadonlyMap<string, BaseRecord>> {
  const list = names.map(quoted).join(',')
  const filter = `FNumber in (${list}) or FName in (${list})`
  const rows = await ask(client, { form: wordForm, fields: recordFields, filter })
  const words = rows.map(toRecord)
  return new Map(
    names.flatMap((name) => {
      const fit = words.filter((word) => word.number === name)
      const [word, ...others] = fit.length > 0 ? fit : words.filter((one) => one.name === name)
      return word && others.length === 0 ? [[name, word] as const] : []
    }),
  )
}
