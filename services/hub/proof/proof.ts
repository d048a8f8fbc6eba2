import { getJson, readApprovals, readVouchers, type Approval, type Voucher } from './books.ts'

/**
 * The proof: compares the book of the approval system with the book of the accounting system, and asks the hub only for
 * the reasons of what is missing. It imports nothing of the hub; the two books decide, the hub's word is evidence.
 */
export interface Proof {
  readonly approvals: number
  readonly vouchers: number
  readonly reversed: number
  readonly explained: number
  readonly doubled: number
  readonly lost: number
  readonly parked: readonly { readonly number: string; readonly reason: string; readonly next: string }[]
  readonly inDoubtResolved: number
  /** What is not explained, in words, for whoever looks into it. */
  readonly findings: readonly string[]
}

export interface Addresses {
  readonly dingtalk: string
  readonly kingdee: string
  readonly hub: string
  /** Language of the hub's advice: `en` or `zh`. */
  readonly language?: string
}

interface Parked {
  readonly number: string
  readonly reason: string
  readonly next: string
}

interface Verdict {
  readonly is: 'explained' | 'doubled' | 'lost' | 'wrong'
  readonly finding?: string
}

/** Reads the books and gives the verdict on every approval. */
export async function prove({ dingtalk, kingdee, hub, language = 'en' }: Addresses): Promise<Proof> {
  const [approvals, vouchers, parked, resolved] = await Promise.all([
    readApprovals(dingtalk),
    readVouchers(kingdee),
    readParked(hub, language),
    countResolved(hub),
  ])
  const verdicts = approvals.map((approval) =>
    judge(approval, vouchersOf(approval, vouchers), reasonFor(approval, parked)),
  )
  const strays = strayVouchers(approvals, vouchers)
  const count = (is: Verdict['is']): number => verdicts.filter((one) => one.is === is).length
  return {
    approvals: approvals.length,
    vouchers: vouchers.filter(({ debit }) => debit > 0n).length,
    reversed: vouchers.filter(({ debit }) => debit < 0n).length,
    explained: count('explained'),
    doubled: count('doubled') + repeatedReferences(vouchers),
    lost: count('lost') + count('wrong'),
    parked,
    inDoubtResolved: resolved,
    findings: [...verdicts.flatMap(({ finding }) => (finding ? [finding] : [])), ...strays],
  }
}

/** True when every approval is explained and nothing else was found. */
export function isWhole(proof: Proof): boolean {
  const { approvals, explained, doubled, lost, findings } = proof
  return approvals === explained && doubled === 0 && lost === 0 && findings.length === 0
}

function vouchersOf({ numbers }: Approval, vouchers: readonly Voucher[]): readonly Voucher[] {
  return vouchers.filter(({ summaries }) => numbers.some((number) => summaries.every((text) => text.includes(number))))
}

function reasonFor({ numbers }: Approval, parked: readonly Parked[]): string | undefined {
  return parked.find(({ number }) => numbers.includes(number))?.reason
}

function judge(approval: Approval, vouchers: readonly Voucher[], reason: string | undefined): Verdict {
  const standing = vouchers.filter(({ debit }) => debit > 0n).length - vouchers.filter(({ debit }) => debit < 0n).length
  const sum = vouchers.reduce((total, { debit }) => total + debit, 0n)
  const unequal = vouchers.find(({ debit, credit }) => debit !== credit)
  const name = approval.numbers[0] ?? approval.root
  if (unequal) return { is: 'wrong', finding: `${name}: voucher ${unequal.number} does not balance` }
  const expected = approval.revoked ? undefined : approval.agreed.at(-1)
  if (standing > (expected === undefined ? 0 : 1) && reason !== 'human' && reason !== 'duplicate')
    return { is: 'doubled', finding: `${name}: ${standing} vouchers stand` }
  if (expected === undefined && standing === 0 && sum === 0n) return { is: 'explained' }
  if (expected !== undefined && standing === 1 && sum === expected) return { is: 'explained' }
  if (reason !== undefined && fits(reason, approval, vouchers.length, standing)) return { is: 'explained' }
  const what = `${name}: ${vouchers.length} vouchers, ${reason ? `parked as ${reason}, which does not fit` : 'no reason given'}`
  return { is: 'lost', finding: what }
}

/** Whether a reason of the closed list fits what the two books show. */
function fits(reason: string, approval: Approval, made: number, standing: number): boolean {
  switch (reason) {
    case 'check-failed':
      return approval.unbalanced && standing === 0
    case 'unmapped':
    case 'invalid':
    case 'rejected':
    case 'period-closed':
    case 'connection':
    case 'poison':
      return standing === 0
    case 'in-doubt':
      return standing <= 1
    case 'human':
    case 'conflict':
    case 'deleted-in-target':
    case 'journal-mismatch':
      return made > 0 || approval.agreed.length > 1 || approval.revoked
    case 'duplicate':
      return standing > 1
    default:
      return false
  }
}

/** The same reference may stand in one voucher only. */
function repeatedReferences(vouchers: readonly Voucher[]): number {
  return vouchers.length - new Set(vouchers.map(({ reference }) => reference)).size
}

function strayVouchers(approvals: readonly Approval[], vouchers: readonly Voucher[]): string[] {
  const known = new Set(approvals.flatMap((approval) => vouchersOf(approval, vouchers)).map(({ id }) => id))
  return vouchers.filter(({ id }) => !known.has(id)).map(({ number }) => `voucher ${number} belongs to no approval`)
}

async function readAll<T>(url: string): Promise<T[]> {
  const items: T[] = []
  for (let cursor = ''; ;) {
    const page = (await getJson(`${url}${url.includes('?') ? '&' : '?'}limit=500${cursor}`)) as {
      items: T[]
      next?: string
    }
    items.push(...page.items)
    if (!page.next) return items
    cursor = `&cursor=${encodeURIComponent(page.next)}`
  }
}

async function readParked(hub: string, language: string): Promise<Parked[]> {
  const items = await readAll<{ number?: string | null; reason: string; next: string }>(
    `${hub}/api/v1/parked?lang=${language}`,
  )
  return items.map(({ number, reason, next }) => ({ number: number ?? '', reason, next }))
}

/** Effects that were in doubt once and are settled now. */
async function countResolved(hub: string): Promise<number> {
  const effects = await readAll<{ lookUps: number; sends: number; kind: string }>(
    `${hub}/api/v1/effects?state=confirmed`,
  )
  return effects.filter(({ lookUps, sends, kind }) => (lookUps > 0 || sends > 1) && kind === 'money').length
}
