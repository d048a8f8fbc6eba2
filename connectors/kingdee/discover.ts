import { CallFailure } from '@shuniu/infra/outbound'
import type { Discovery } from '@shuniu/sdk'
import { accountFields, accountForm, bookForm, recordFields, toAccounts, toRecord, wordForm } from './basedata.ts'
import type { Kingdee } from './link.ts'
import { ask, type Question } from './query.ts'

type List = Discovery['lists'][string]

/** Lists worth showing beside the mapping: books, words, accounts with their dimensions, and the records of each dimension. */
export async function discover(link: Kingdee): Promise<Discovery> {
  const { dimensions, dimensionForms } = link.client.settings
  const forms = Object.entries(dimensions).flatMap(([name, slot]) => {
    const form = dimensionForms[slot]
    return form ? [[name, form] as const] : []
  })
  const lists: [string, List][] = []
  for (const [name, form] of [['book', bookForm], ['word', wordForm], ...forms] as const)
    lists.push([name, await readRecords(link, form)])
  lists.push(['account', await readAccounts(link)])
  return { forms: [], lists: Object.fromEntries(lists) }
}

async function readRecords(link: Kingdee, form: string): Promise<List> {
  const rows = await askOrNothing(link, { form, fields: recordFields, filter: '', order: 'FNumber asc' })
  return rows.map(toRecord).map(({ number, name, usable }) => ({ number, name, usable: usable ? 'yes' : 'no' }))
}

async function readAccounts(link: Kingdee): Promise<List> {
  const rows = await askOrNothing(link, { form: accountForm, fields: accountFields, filter: '', order: 'FNumber asc' })
  return toAccounts(rows).map(({ number, name, isLeaf, isLocked, slots }) => ({
    number,
    name,
    leaf: isLeaf ? 'yes' : 'no',
    usable: isLocked ? 'no' : 'yes',
    dimensions: slots.map((slot) => nameOf(link, slot)).join(' '),
  }))
}

const nameOf = ({ client }: Kingdee, slot: string): string =>
  Object.entries(client.settings.dimensions).find(([, own]) => own === slot)?.[0] ?? slot

/** A list this tenant has no form or no right for is empty; `check` says why. */
async function askOrNothing({ client }: Kingdee, question: Question) {
  try {
    return await ask(client, question)
  } catch (failure) {
    if (failure instanceof CallFailure && failure.failureClass === 'fatal') return []
    throw failure
  }
}
