import type { LookUp } from '@shuniu/sdk'
import { failureOf } from './failures.ts'
import { toFound } from './found.ts'
import type { Kingdee } from './link.ts'
import { ask, oneOf, quoted, voucherForm, type Row } from './query.ts'
import { ofBook, ofId, readVouchers, type Voucher } from './voucher-query.ts'

const form = voucherForm

/** One voucher by its id; undefined when it is certainly not there, for another voucher of the book was seen instead. */
export async function readVoucher(link: Kingdee, id: string, book: string | undefined): Promise<Voucher | undefined> {
  const [voucher] = await readVouchers(link, ofId(id))
  if (voucher) return voucher
  const witness = await findWitness(link, book)
  if (!witness) throw failureOf('nothing-visible', { changes: false, words: book ?? '' })
  // Asked again beside a voucher that exists: an answer without the witness would say nothing.
  const seen = await readVouchers(link, `${ofId(id)} or ${ofId(witness)}`)
  if (seen.length === 0) throw emptyAnswer()
  return seen.find((one) => one.id === id)
}

/** A voucher that has just been seen is missing: ask again later. */
export const emptyAnswer = () => failureOf('unreadable', { changes: false, words: 'empty, against what was just seen' })

const NUMBER = /^(\d{4})\s*[-年]\s*(\d{1,2})\s*月?\s*(\S+)-(\d+)$/

/** Vouchers by id, or by month, word and number as people write it: `2026年11月记-27`, `2026-11 记-27`. */
export function readByNumber(link: Kingdee, text: string): Promise<Voucher[]> {
  const [, year, period, word, number] = NUMBER.exec(text.trim()) ?? []
  if (year === undefined || period === undefined || word === undefined || number === undefined)
    return readVouchers(link, ofId(text.trim()))
  const place = `FYEAR=${Number(year)} and FPERIOD=${Number(period)} and FVOUCHERGROUPNO=${Number(number)}`
  return readVouchers(link, `${place} and FVOUCHERGROUPID.FName=${quoted(word)}`)
}

/** Any voucher, of the book when one is given: its presence shows that vouchers can be seen. */
async function findWitness({ client }: Kingdee, book: string | undefined): Promise<string | undefined> {
  const filter = book === undefined ? '' : ofBook(book)
  const [row] = await ask(client, {
    form,
    fields: ['FVOUCHERID'],
    filter,
    order: 'FVOUCHERID asc',
    top: 1,
  })
  return row?.['FVOUCHERID']
}

/** Whether any voucher carries a reference as hubs make them. */
export async function hasReferences({ client }: Kingdee): Promise<boolean> {
  const filter = `${client.settings.referenceField} like ${quoted('SN%')}`
  const rows = await ask(client, { form, fields: ['FVOUCHERID'], filter, top: 1 })
  return rows.length > 0
}

/**
 * Looks a reference up. The same question also asks for a voucher of the book that is known to exist, so that "nothing" cannot
 * be an empty answer for want of a permission: only beside that witness it is proven.
 */
export async function lookUp(
  link: Kingdee,
  reference: string,
  book: string,
  known: string | undefined,
  field = link.client.settings.referenceField,
): Promise<LookUp> {
  const asked = known === undefined ? undefined : await askBoth(link, reference, book, known, field)
  if (asked?.proven) return asked
  const witness = await findWitness(link, book)
  return askBoth(link, reference, book, witness, field)
}

async function askBoth(
  link: Kingdee,
  reference: string,
  book: string,
  witness: string | undefined,
  referenceField: string,
): Promise<LookUp> {
  const { client } = link
  const own = `${referenceField}=${quoted(reference)}`
  const filter = witness === undefined ? own : `${own} or ${ofId(witness)}`
  const fields = ['FVOUCHERID', 'FAccountBookID.FNumber', referenceField]
  const rows = await ask(client, { form, fields, filter, order: 'FVOUCHERID asc' })
  const ids = new Set(rows.filter((row) => row[referenceField] === reference).map((row) => row['FVOUCHERID'] ?? ''))
  if (ids.size === 0) {
    const isWitness = (row: Row): boolean => row['FVOUCHERID'] === witness && row['FAccountBookID.FNumber'] === book
    return { found: [], proven: rows.some(isWitness) }
  }
  const vouchers = await readVouchers(link, oneOf('FVOUCHERID', ids))
  // Gone between two questions: look again later.
  return { found: vouchers.map(toFound), proven: vouchers.length === ids.size }
}
