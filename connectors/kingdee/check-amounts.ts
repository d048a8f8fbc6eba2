import { Decimal, type ParkReason } from '@shuniu/contracts'
import type { Finding } from '@shuniu/sdk'
import { bookCurrency, creditOf, currencyNumber, debitOf, type Entry } from './voucher-input.ts'

/** A line and its place in the input. */
export type Place = { readonly at: number; readonly entry: Entry }

export const finding = (reason: ParkReason, path: string, en: string, zh: string): Finding => ({
  reason,
  path,
  message: { en, zh },
})

/** What is wrong with the lines in themselves: sides, decimals, currencies, balance, summaries. Needs no call. */
export function checkAmounts(lines: readonly Place[]): Finding[] {
  return [...lines.flatMap(checkLine), ...checkBalance(lines), ...lines.flatMap(checkSummary)]
}

const zero = new Decimal('0')
const one = new Decimal('1')
const isWholeFen = (amount: Decimal): boolean => amount.round(2).eq(amount)

function checkLine({ at, entry }: Place): Finding[] {
  const [debit, credit] = [debitOf(entry), creditOf(entry)]
  const found: Finding[] = []
  if (!debit.eq(zero) && !credit.eq(zero))
    found.push(
      finding('check-failed', `entries[${at}]`, 'A line has debit and credit.', '一行分录不能同时有借方和贷方金额。'),
    )
  for (const [side, amount] of [
    ['debit', debit],
    ['credit', credit],
  ] as const) {
    if (isWholeFen(amount)) continue
    const path = `entries[${at}].${side}`
    found.push(finding('check-failed', path, `${amount} has more than two decimals.`, `金额 ${amount} 超过两位小数。`))
  }
  return [...found, ...checkCurrency(at, entry, debit.plus(credit))]
}

/** Another currency needs its amount and rate, and both must give the amount in the book's currency (accounting.md §9). */
function checkCurrency(at: number, entry: Entry, amount: Decimal): Finding[] {
  const { rate, original, currency } = entry
  if (currencyNumber(currency) === bookCurrency) return checkOwnCurrency(at, entry, amount)
  const path = `entries[${at}].currency`
  if (!rate || !original)
    return [finding('invalid', path, `${currency} needs rate and original.`, `${currency} 需要填写汇率和原币金额。`)]
  if (original.times(rate).round(2, Decimal.roundHalfUp).eq(amount)) return []
  const zh = `${original} × ${rate} 不等于 ${amount}。`
  return [finding('check-failed', path, `${original} × ${rate} is not ${amount}.`, zh)]
}

/** The book's own currency needs neither; what else they say belongs to a currency that somebody forgot to name. */
function checkOwnCurrency(at: number, { currency, original, rate }: Entry, amount: Decimal): Finding[] {
  return (
    [
      ['original', original, amount],
      ['rate', rate, one],
    ] as const
  ).flatMap(([name, given, expected]) => {
    if (!given || given.eq(expected)) return []
    const en = `${currency} is the currency of the book: ${name} is ${given}, not ${expected}. Leave it out, or name the currency of the line.`
    const zh = `${currency} 是账簿本位币：${name} 为 ${given}，应为 ${expected}。请去掉该项，或写明分录的币别。`
    return [finding('check-failed', `entries[${at}].${name}`, en, zh)]
  })
}

function checkSummary({ at, entry }: Place): Finding[] {
  if (entry.summary.trim() !== '') return []
  return [finding('invalid', `entries[${at}].summary`, 'A line has no summary.', '分录缺少摘要。')]
}

/** Debits = credits, compared exactly, and at least one line on each side (accounting.md §2). */
function checkBalance(lines: readonly Place[]): Finding[] {
  const debit = lines.reduce((total, { entry }) => total.plus(debitOf(entry)), zero)
  const credit = lines.reduce((total, { entry }) => total.plus(creditOf(entry)), zero)
  if (!debit.eq(credit)) {
    const en = `Debits ${debit.toFixed(2)} and credits ${credit.toFixed(2)} differ.`
    return [finding('check-failed', 'entries', en, `借方 ${debit.toFixed(2)} 与贷方 ${credit.toFixed(2)} 不平衡。`)]
  }
  const hasDebit = lines.some(({ entry }) => !debitOf(entry).eq(zero))
  const hasCredit = lines.some(({ entry }) => !creditOf(entry).eq(zero))
  if (hasDebit && hasCredit) return []
  return [finding('check-failed', 'entries', 'A voucher needs a debit and a credit.', '凭证至少需要一借一贷。')]
}
