import { ActRefused } from '@shuniu/sdk/simulator'
import type { Act, Book } from '@shuniu/sdk/simulator'
import { z } from 'zod'
import { accountOf } from './accounts.ts'
import { isWholeFen, parseAmount, printAmount } from './amount.ts'
import type { Desk } from './desk.ts'
import type { Quota } from './quota.ts'
import { accountBooks, bookkeeper } from './tenant.ts'
import { total } from './voucher.ts'
import type { Voucher } from './voucher.ts'

const period = z.strictObject({
  book: z.enum(accountBooks.map((book) => book.number)).default('001'),
  period: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .describe('yyyy-MM'),
})
const account = z.strictObject({
  account: z.string().refine((number) => accountOf(number) !== undefined, 'no such account'),
})
const id = z.union([z.string().regex(/^\d+$/), z.int().positive()])
const voucher = z.strictObject({ id })
const amount = z
  .union([z.string(), z.number()])
  .refine((given) => isMoney(parseAmount(String(given))), 'a positive amount in yuan and fen')
const edit = z
  .strictObject({ id, amount: amount.optional(), summary: z.string().min(1).optional() })
  .refine((input) => input.amount !== undefined || input.summary !== undefined, 'amount or summary')

const isMoney = (value: bigint | undefined): boolean => value !== undefined && value > 0n && isWholeFen(value)

function act<Input>(title: string, input: z.ZodType<Input>, run: (input: Input) => Promise<unknown>): Act {
  return { title, input, run: (given) => run(input.parse(given)) }
}

/** What people do in this book besides the hub. */
export function openActs(desk: Desk, accounts: ForbiddenAccounts, quota: Quota): Record<string, Act> {
  const { periods, vouchers } = desk
  const existing = (wanted: string | number): Voucher => {
    const found = vouchers.get(Number(wanted))
    if (!found) throw new ActRefused(`there is no voucher ${wanted}`)
    return found
  }
  const changed = async (before: Voucher, change: Partial<Voucher>): Promise<object> => {
    const after = { ...before, ...change, FModifyDate: desk.moment() }
    await vouchers.write(after)
    return { id: String(after.FVOUCHERID), status: after.FDocumentStatus }
  }
  return {
    'close-period': act('Close a period 结账', period, ({ book, period: name }) => periods.close(book, name)),
    'open-period': act('Reopen a period 反结账', period, ({ book, period: name }) => periods.open(book, name)),
    'lock-account': act('Disable an account 禁用科目', account, (input) => accounts.set(input.account, true)),
    'unlock-account': act('Enable an account 反禁用科目', account, (input) => accounts.set(input.account, false)),
    'delete-voucher': act('Delete a voucher, whatever its state', voucher, (input) =>
      vouchers.remove(existing(input.id)),
    ),
    'edit-voucher': act('Change the total or the first summary of a voucher', edit, (input) =>
      changed(existing(input.id), { FEntity: edited(existing(input.id), input) }),
    ),
    'audit-voucher': act('Audit a voucher', voucher, (input) =>
      changed(existing(input.id), { FDocumentStatus: 'C', FCHECKERID: bookkeeper }),
    ),
    'hold-voucher': act('Open a voucher in an editor: writes meet an edit lock', voucher, async (input) =>
      vouchers.hold(existing(input.id).FVOUCHERID),
    ),
    'release-voucher': act('Close the editor', voucher, async (input) => vouchers.release(Number(input.id))),
    'restore-quota': act('Start counting calls from zero', z.strictObject({}), async () => quota.restore()),
  }
}

/** A new total goes to the first debit and the first credit line, so the voucher stays balanced. */
function edited(of: Voucher, input: z.infer<typeof edit>): Voucher['FEntity'] {
  const wanted = input.amount === undefined ? undefined : parseAmount(String(input.amount))
  const more = wanted === undefined ? 0n : wanted - total(of, 'FDEBIT')
  const first = (side: 'FDEBIT' | 'FCREDIT') => of.FEntity.findIndex((entry) => parseAmount(entry[side]) !== 0n)
  const grown = (text: string): string => printAmount((parseAmount(text) ?? 0n) + more, 2)
  return of.FEntity.map((entry, index) => ({
    ...entry,
    ...(index === 0 && input.summary !== undefined ? { FEXPLANATION: input.summary } : {}),
    ...(index === first('FDEBIT') ? { FDEBIT: grown(entry.FDEBIT), FAMOUNTFOR: grown(entry.FAMOUNTFOR) } : {}),
    ...(index === first('FCREDIT') ? { FCREDIT: grown(entry.FCREDIT), FAMOUNTFOR: grown(entry.FAMOUNTFOR) } : {}),
  }))
}

/** Accounts a person disabled; survives a restart. */
export interface ForbiddenAccounts {
  has(number: string): boolean
  set(number: string, forbidden: boolean): Promise<void>
}

export function openForbiddenAccounts(book: Book): ForbiddenAccounts {
  const forbidden = new Map<string, boolean>()
  for (const note of book.notes()) {
    if ('account' in note && 'forbidden' in note) forbidden.set(String(note.account), note.forbidden === true)
  }
  return {
    has: (number) => forbidden.get(number) ?? false,
    async set(number, value) {
      await book.note({ account: number, forbidden: value })
      forbidden.set(number, value)
    },
  }
}
