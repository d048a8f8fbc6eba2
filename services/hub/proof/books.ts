/** Reads the books of the two systems, over their simulators' control interface. Knows nothing of the hub. */

/** One approval with everything that happened to it afterwards, as the approval system's own book says. */
export interface Approval {
  readonly root: string
  /** Numbers of the approval and of its changes and revocations: what summaries carry. */
  readonly numbers: readonly string[]
  /** Totals in fen of the agreed document and of each agreed change, in order; empty when it was never agreed. */
  readonly agreed: readonly bigint[]
  /** True when its lines do not add up to its total, in the last agreed version. */
  readonly unbalanced: boolean
  readonly revoked: boolean
}

/** One voucher of the ledger, as the accounting system's own book says. */
export interface Voucher {
  readonly id: string
  readonly number: string
  readonly reference: string
  readonly status: string
  readonly summaries: readonly string[]
  /** Debits in fen; negative for a reversal. */
  readonly debit: bigint
  readonly credit: bigint
}

interface Entry {
  readonly id: string
  readonly number: string
  readonly kind: string
  readonly status: string
  readonly reference?: string
  readonly body: Record<string, unknown>
}

export async function getJson(url: string): Promise<unknown> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  return answer.json()
}

/** Amount as whole fen. Never through a JS number. */
export function fen(text: string): bigint {
  const found = /^(-?)(\d+)(?:\.(\d{1,2})\d*)?$/.exec(text.trim())
  if (!found) throw new Error(`${text} is no amount`)
  const [, sign, whole = '0', part = ''] = found
  const value = BigInt(whole) * 100n + BigInt(part.padEnd(2, '0'))
  return sign === '-' ? -value : value
}

export async function readApprovals(dingtalk: string): Promise<readonly Approval[]> {
  const entries = ((await getJson(`${dingtalk}/_sim/book?kind=instance`)) as Entry[]).filter(({ body }) => total(body))
  const roots = entries.filter(({ body }) => !textOf(body['mainProcessInstanceId']))
  return roots.map((root) => approvalOf(root, entries))
}

function approvalOf(root: Entry, entries: readonly Entry[]): Approval {
  const later = entries.filter(({ body }) => textOf(body['mainProcessInstanceId']) === root.id)
  const agreedLater = later.filter(isAgreed).toSorted((a, b) => finish(a) - finish(b))
  const versions = [root, ...agreedLater.filter(({ body }) => body['bizAction'] === 'MODIFY')].filter(isAgreed)
  const last = versions.at(-1)
  return {
    root: root.id,
    numbers: [root, ...later].map(({ number }) => number),
    agreed: versions.map(({ body }) => fen(total(body) ?? '0')),
    unbalanced: last !== undefined && !addsUp(last.body),
    revoked: agreedLater.some(({ body }) => body['bizAction'] === 'REVOKE'),
  }
}

const isAgreed = ({ body, status }: Entry): boolean => status === 'COMPLETED' && body['result'] === 'agree'
const finish = ({ body }: Entry): number => Number(body['finishedAt'] ?? Date.parse(textOf(body['finishTime']) ?? ''))
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

interface Component {
  readonly name: string
  readonly componentType: string
  readonly bizAlias?: string
  readonly value: string
}

const components = (body: Record<string, unknown>): Component[] => (body['formComponentValues'] ?? []) as Component[]

function total(body: Record<string, unknown>): string | undefined {
  return components(body).find(({ bizAlias }) => bizAlias === 'total_amount')?.value
}

/** Whether the money column of the form's table adds up to its total. */
function addsUp(body: Record<string, unknown>): boolean {
  const table = components(body).find(({ componentType }) => componentType === 'TableField')
  if (!table) return true
  const rows = JSON.parse(table.value) as { rowValue?: { componentType: string; value: string }[] }[]
  const cells = rows
    .flatMap(({ rowValue }) => rowValue ?? [])
    .filter(({ componentType }) => componentType === 'MoneyField')
  return cells.reduce((sum, { value }) => sum + fen(value), 0n) === fen(total(body) ?? '0')
}

/** Vouchers that still stand, of those that carry somebody's reference. */
export async function readVouchers(kingdee: string): Promise<readonly Voucher[]> {
  const entries = (await getJson(`${kingdee}/_sim/book?kind=voucher`)) as Entry[]
  return entries.filter(({ reference, status }) => reference && status !== 'deleted').map(voucherOf)
}

function voucherOf({ id, number, reference = '', status, body }: Entry): Voucher {
  const lines = body['FEntity'] as { FEXPLANATION: string; FDEBIT: string; FCREDIT: string }[]
  return {
    id,
    number,
    reference,
    status,
    summaries: lines.map(({ FEXPLANATION }) => FEXPLANATION),
    debit: lines.reduce((sum, { FDEBIT }) => sum + fen(FDEBIT), 0n),
    credit: lines.reduce((sum, { FCREDIT }) => sum + fen(FCREDIT), 0n),
  }
}
