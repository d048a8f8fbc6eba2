import { CallFailure } from '@shuniu/infra/outbound'
import type { Finding } from '@shuniu/sdk'
import type { Account, BaseRecord } from './basedata.ts'
import { checkAmounts, finding, type Place } from './check-amounts.ts'
import type { Kingdee } from './link.ts'
import { countingEntries, dimensionsOf, type Entry, type VoucherInput } from './voucher-input.ts'

/**
 * Everything that can be known before a voucher is sent, in one go: amounts and balance without a call, then accounts, dimensions,
 * book, word and period against the base data (accounting.md §11, 5–8).
 */
export async function checkVoucher(link: Kingdee, input: VoucherInput): Promise<readonly Finding[]> {
  const lines = countingEntries(input)
  const wrong = checkAmounts(lines)
  // What is wrong in itself need not trouble the target.
  if (wrong.length > 0) return wrong
  return (
    await Promise.all([
      checkBook(link, input),
      checkWord(link, input),
      checkLines(link, lines),
      checkPeriod(link, input),
    ])
  ).flat()
}

async function checkBook({ base }: Kingdee, { book }: VoucherInput): Promise<Finding[]> {
  if ((await base.books.get([book])).get(book)?.usable) return []
  return [
    finding('invalid', 'book', `Account book ${book} is not known or not usable.`, `账簿 ${book} 不存在或不可用。`),
  ]
}

async function checkWord({ base }: Kingdee, { word }: VoucherInput): Promise<Finding[]> {
  if ((await base.words.get([word])).has(word)) return []
  return [finding('invalid', 'word', `Voucher word ${word} is not known.`, `凭证字 ${word} 不存在。`)]
}

/** Only a read that says so makes a period closed; when it cannot be read, Kingdee itself decides on the save. */
async function checkPeriod({ periods, client }: Kingdee, { book, date }: VoucherInput): Promise<Finding[]> {
  try {
    if ((await periods.calendar(book)).isOpen(date.year, date.month)) return []
  } catch (failure) {
    if (!(failure instanceof CallFailure)) throw failure
    client.ground.log.warn(failure.code, { book, message: failure.message })
    return []
  }
  return [finding('period-closed', 'date', `The period of ${date} is closed.`, `${date} 所在期间已结账。`)]
}

async function checkLines(link: Kingdee, lines: readonly Place[]): Promise<Finding[]> {
  const accounts = await link.base.accounts.get(lines.map(({ entry }) => entry.account))
  const records = await recordsOf(link, lines, accounts)
  return lines.flatMap(({ at, entry }) => {
    const account = accounts.get(entry.account)
    const wrong = checkAccount(at, entry.account, account)
    return account && wrong.length === 0 ? checkDimensions(link, at, entry, account, records) : wrong
  })
}

/** Slot → the records behind its numbers; a slot that Kingdee alone can judge is missing. */
type Records = ReadonlyMap<string, ReadonlyMap<string, BaseRecord>>

/** What the dimensions of usable accounts lead to, all numbers of a slot at once. */
async function recordsOf(
  { base, client }: Kingdee,
  lines: readonly Place[],
  accounts: ReadonlyMap<string, Account>,
): Promise<Records> {
  const numbers = new Map<string, Set<string>>()
  for (const { entry } of lines) {
    const account = accounts.get(entry.account)
    if (!account?.isLeaf || account.isLocked) continue
    for (const { slot, number } of dimensionsOf(entry, client.settings)) {
      if (slot === undefined || !account.slots.includes(slot)) continue
      const wanted = numbers.get(slot)
      if (wanted) wanted.add(number)
      else numbers.set(slot, new Set([number]))
    }
  }
  const records = new Map<string, ReadonlyMap<string, BaseRecord>>()
  for (const [slot, wanted] of numbers) {
    const known = base.dimension(slot)
    if (known) records.set(slot, await known.get(wanted))
  }
  return records
}

function checkAccount(at: number, number: string, account: Account | undefined): Finding[] {
  const path = `entries[${at}].account`
  if (!account) return [finding('invalid', path, `Account ${number} does not exist.`, `科目 ${number} 不存在。`)]
  const title = `${number} ${account.name}`
  if (!account.isLeaf)
    return [finding('invalid', path, `Account ${title} is not a leaf.`, `科目 ${title} 不是末级科目。`)]
  if (!account.isLocked) return []
  return [finding('invalid', path, `Account ${title} is disabled or not audited.`, `科目 ${title} 已禁用或未审核。`)]
}

function checkDimensions(link: Kingdee, at: number, entry: Entry, account: Account, records: Records): Finding[] {
  const path = `entries[${at}]`
  const written = dimensionsOf(entry, link.client.settings)
  const missing = account.slots
    .filter((slot) => !written.some((one) => one.slot === slot))
    .map((slot) => {
      const name = nameOf(link, slot)
      return finding(
        'invalid',
        path,
        `Account ${account.number} needs ${name}.`,
        `科目 ${account.number} 缺少核算维度 ${name}。`,
      )
    })
  const superfluous = written
    .filter((one) => one.slot === undefined || !account.slots.includes(one.slot))
    .map(({ name }) => {
      const zh = `科目 ${account.number} 没有核算维度 ${name}。`
      return finding('invalid', `${path}.${name}`, `Account ${account.number} has no ${name}.`, zh)
    })
  const known = written.filter((one) => one.slot !== undefined && account.slots.includes(one.slot))
  const unknown = known.flatMap((one) => checkRecord(records.get(one.slot ?? ''), `${path}.${one.name}`, one.number))
  return [...missing, ...superfluous, ...unknown]
}

/** The record of a dimension exists, is audited and enabled; its organisation is Kingdee's to check. */
function checkRecord(records: ReadonlyMap<string, BaseRecord> | undefined, path: string, number: string): Finding[] {
  if (!records || records.get(number)?.usable) return []
  const name = path.slice(path.lastIndexOf('.') + 1)
  return [
    finding('invalid', path, `${name} ${number} does not exist or is disabled.`, `${name} ${number} 不存在或已禁用。`),
  ]
}

function nameOf({ client }: Kingdee, slot: string): string {
  const [name] = Object.entries(client.settings.dimensions).find(([, one]) => one === slot) ?? []
  return name === undefined ? slot : `${name} (${slot})`
}
