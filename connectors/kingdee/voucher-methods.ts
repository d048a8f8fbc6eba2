import type { ValueRecord } from '@shuniu/contracts'
import type { Found, Listed, LookUp, Operation } from '@shuniu/sdk'
import { plain } from './answers.ts'
import { failureOf } from './failures.ts'
import { fromFound, toFound, voucherText } from './found.ts'
import { contentOfModel, contentText, totalDebit, type Content } from './lines.ts'
import type { Kingdee } from './link.ts'
import { hasReferences, lookUp, readByNumber } from './look-up.ts'
import { modelOf } from './model.ts'
import { quoted } from './query.ts'
import { outputOfVoucher, voucherOutput, type VoucherOutput } from './save.ts'
import { ofBook, readVouchers, type Voucher } from './voucher-query.ts'

/** What a body would save. */
export const contentOf = (body: ValueRecord): Content => contentOfModel(modelOf(body))

/** The field of the body that carries our reference: the setting may have changed since it was sent. */
const carrierOf = (body: ValueRecord, reference: string): string =>
  Object.entries(modelOf(body)).find(([, value]) => value === reference)?.[0] ?? 'FBUSNO'

/** What Kingdee can promise for every operation on a voucher: no key of ours is enforced, but it can be looked up. */
export const promise = {
  output: voucherOutput,
  effect: 'money',
  grade: 'B',
  timeout: '60s',
  quarantine: '180s',
  lookUps: { times: 2, apart: '10s' },
  ready: (link: Kingdee) => link.client.ready(),
  outputOf: (found: Found) => outputOfVoucher(fromFound(found)),
  readById,
} as const satisfies Partial<Operation<Kingdee, never, VoucherOutput>>

/** What saving a voucher and saving its reversal have in common: both make a voucher that carries our reference. */
export const makesVoucher = {
  ...promise,
  reference: 'The header field of settings.referenceField; with FBUSNO, 业务编号 and the last word of every summary',
  find: (link: Kingdee, reference: string, body: ValueRecord, known: string | undefined): Promise<LookUp> =>
    lookUp(link, reference, contentOf(body).book, known, carrierOf(body, reference)),
  hasOurs: hasReferences,
  fingerprint: (body: ValueRecord) => contentText(contentOf(body)),
  fingerprintFound: (found: Found) => voucherText(fromFound(found)),
  candidates,
  list,
  describe,
} as const satisfies Partial<Operation<Kingdee, never, VoucherOutput>>

async function readById(link: Kingdee, id: string): Promise<Found | undefined> {
  const [voucher, ...others] = await readByNumber(link, id)
  const words = `${id} is the number of several vouchers; give the id`
  if (others.length > 0) throw failureOf('not-found', { changes: false, words })
  return voucher && toFound(voucher)
}

const mostCandidates = 20

/** Vouchers of the same book, day and total. */
async function candidates(link: Kingdee, body: ValueRecord): Promise<readonly Found[]> {
  const content = contentOf(body)
  const sameDay = await readVouchers(link, `${ofBook(content.book)} and FDate=${quoted(content.date)}`)
  const total = totalDebit(content)
  return sameDay
    .filter((voucher) => totalDebit(voucher).eq(total))
    .slice(0, mostCandidates)
    .map(toFound)
}

/** All vouchers dated from `from` to `to`, both included; of one book when the settings name it. */
async function list(
  link: Kingdee,
  { from, to, settings }: { from: string; to: string; settings: ValueRecord },
): Promise<readonly Listed[]> {
  const days = `FDate>=${quoted(from)} and FDate<=${quoted(to)}`
  const book = plain(settings['book'])
  const vouchers = await readVouchers(link, book === '' ? days : `${ofBook(book)} and ${days}`)
  return vouchers.map(toListed)
}

function toListed(voucher: Voucher): Listed {
  const amount = totalDebit(voucher).toFixed(2)
  const reference = voucher.reference === '' ? {} : { reference: voucher.reference }
  return { ...toFound(voucher), ...reference, day: voucher.date, amount }
}

function describe(body: ValueRecord): ReturnType<Operation<Kingdee>['describe']> {
  const content = contentOf(body)
  const amount = totalDebit(content).toFixed(2)
  const summary = content.lines[0]?.summary ?? ''
  return {
    book: content.book,
    day: content.date,
    amount,
    currency: 'CNY',
    text: `${plain(body['word'])} ${content.date} ${amount} ${summary}`,
  }
}
