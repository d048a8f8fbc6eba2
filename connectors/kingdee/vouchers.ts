import { Decimal } from '@shuniu/contracts'
import { defineOperation, type Prepared } from '@shuniu/sdk'
import { checkVoucher } from './check-voucher.ts'
import type { Line } from './lines.ts'
import type { Kingdee } from './link.ts'
import { saveBody } from './model.ts'
import { postSave, type VoucherOutput } from './save.ts'
import type { Settings } from './settings.ts'
import {
  countingEntries,
  creditOf,
  currencyNumber,
  debitOf,
  dimensionsOf,
  voucherInput,
  type Entry,
  type VoucherInput,
} from './voucher-input.ts'
import { makesVoucher } from './voucher-methods.ts'

/** Saves a voucher (状态 A, 创建). A person submits and audits it, unless a flow says otherwise. */
export const voucherSave = defineOperation<Kingdee, VoucherInput, VoucherOutput>({
  ...makesVoucher,
  title: { en: 'Save a voucher', zh: '保存凭证' },
  input: voucherInput,
  undo: 'voucher.reverse',
  validate: checkVoucher,
  prepare: prepareSave,
  send: (link, body, _reference, context) => postSave(link, 'voucher.save', body, context),
})

async function prepareSave(link: Kingdee, input: VoucherInput, reference: string): Promise<Prepared<VoucherOutput>> {
  const { settings } = link.client
  const word = (await link.base.words.get([input.word])).get(input.word)
  const lines = countingEntries(input).map(({ entry }) => lineOf(entry, settings))
  const unknown = lines.flatMap((line) => Object.keys(line.dimensions)).find((slot) => !slot.startsWith('FF'))
  if (!word) return park(`Voucher word ${input.word} is not known.`, `凭证字 ${input.word} 不存在。`)
  if (unknown !== undefined) return park(`There is no slot for ${unknown}.`, `未配置核算维度 ${unknown} 的槽位。`)
  const attachments = input.attachments ?? new Decimal('0')
  const { book, date } = input
  return { is: 'body', body: saveBody({ book, date, word, attachments, reference, lines }, settings) }
}

const park = (en: string, zh: string): Prepared<VoucherOutput> => ({
  is: 'park',
  finding: { reason: 'invalid', message: { en, zh } },
})

/** A line as Kingdee gets it. A dimension without a slot keeps its name, which no slot has. */
function lineOf(entry: Entry, settings: Settings): Line {
  const [debit, credit] = [debitOf(entry), creditOf(entry)]
  return {
    summary: entry.summary,
    account: entry.account,
    dimensions: Object.fromEntries(
      dimensionsOf(entry, settings).map(({ name, slot, number }) => [slot ?? name, number]),
    ),
    currency: currencyNumber(entry.currency),
    original: entry.original ?? debit.plus(credit),
    rate: entry.rate ?? new Decimal('1'),
    debit,
    credit,
  }
}
