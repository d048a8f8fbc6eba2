import { isRecord, type ValueRecord } from '@shuniu/contracts'
import { defineOperation, type Found, type LookUp, type Operation, type Prepared } from '@shuniu/sdk'
import { z } from 'zod'
import { list, plain } from './answers.ts'
import { failureOf } from './failures.ts'
import { toFound } from './found.ts'
import type { Kingdee } from './link.ts'
import { readVoucher } from './look-up.ts'
import { voucherForm } from './query.ts'
import { outputOfVoucher, voucherOutput, type VoucherOutput } from './save.ts'
import { promise } from './voucher-methods.ts'
import type { Voucher } from './voucher-query.ts'

/** A step of a voucher's life (kingdee.md §5), and how its status tells what is missing (§7). */
interface Transition {
  readonly operation: 'voucher.submit' | 'voucher.audit'
  readonly method: 'Submit' | 'Audit'
  readonly title: Operation<Kingdee>['title']
  /** Statuses in which nothing is missing. */
  readonly reached: readonly string[]
  /** Statuses from which the step can be taken. */
  readonly from: readonly string[]
  readonly to: string
  readonly data: ValueRecord
}

const submit: Transition = {
  operation: 'voucher.submit',
  method: 'Submit',
  title: { en: 'Submit a voucher for review', zh: '提交凭证' },
  reached: ['B', 'C'],
  from: ['Z', 'A'],
  to: 'B',
  data: { IgnoreInterationFlag: 'true' },
}

const audit: Transition = {
  operation: 'voucher.audit',
  method: 'Audit',
  title: { en: 'Audit a voucher', zh: '审核凭证' },
  reached: ['C'],
  from: ['B'],
  to: 'C',
  data: { IsVerifyProcInst: 'true', IgnoreInterationFlag: 'true' },
}

const input = z.strictObject({ id: z.string().min(1).describe('Id of the voucher, as voucher.save gave it') })
type Input = z.output<typeof input>

function defineTransition(step: Transition): Operation<Kingdee, Input, VoucherOutput> {
  const reachedText = (id: string): string => `${step.to} ${id}`
  return defineOperation<Kingdee, Input, VoucherOutput>({
    ...promise,
    title: step.title,
    input,
    reference: 'None is written: the status of the voucher itself says whether the step was taken',
    async prepare(link, { id }) {
      const voucher = await readVoucher(link, id, undefined)
      return voucher
        ? prepareStep(step, voucher)
        : park('deleted-in-target', `Voucher ${id} is gone.`, `凭证 ${id} 已不存在。`)
    },
    send: (link, body, _reference, context) => send(link, step, body, context),
    find: (link, _reference, body) => find(link, step, idOf(body)),
    fingerprint: (body) => reachedText(idOf(body)),
    fingerprintFound: ({ id, status }) => (step.reached.includes(status) ? reachedText(id) : `${status} ${id}`),
    describe: (body) => ({ text: `${step.method} ${plain(body['number'])} (${idOf(body)})` }),
  })
}

/** `voucher.submit` and `voucher.audit`: the document's own status decides whether anything is to be sent. */
export const voucherSubmit = defineTransition(submit)
export const voucherAudit = defineTransition(audit)

const idOf = (body: ValueRecord): string => plain(body['id'])

const park = (reason: 'deleted-in-target' | 'human', en: string, zh: string): Prepared<VoucherOutput> => ({
  is: 'park',
  finding: { reason, message: { en, zh } },
})

function prepareStep(step: Transition, voucher: Voucher): Prepared<VoucherOutput> {
  const { id, number, status } = voucher
  if (voucher.isVoid) return park('deleted-in-target', `Voucher ${number} was voided.`, `凭证 ${number} 已作废。`)
  const output = outputOfVoucher(voucher)
  if (step.reached.includes(status)) return { is: 'done', output, because: `the voucher has status ${status}` }
  if (status === 'D') return park('human', `Voucher ${number} was sent back.`, `凭证 ${number} 已被打回（重新审核）。`)
  if (!step.from.includes(status))
    return park('human', `Voucher ${number} must be submitted first.`, `凭证 ${number} 尚未提交。`)
  return { is: 'body', body: { ...output, data: { ...step.data, Numbers: [], Ids: id } } }
}

async function send(
  { client }: Kingdee,
  { operation, method, to }: Transition,
  body: ValueRecord,
  context: Parameters<Operation<Kingdee>['send']>[3],
): Promise<VoucherOutput> {
  const args = { formid: voucherForm, data: body['data'] ?? null }
  const answer = await client.post(method, args, { operation, send: context })
  const result = isRecord(answer) ? (answer['Result'] ?? null) : null
  const status = isRecord(result) ? (result['ResponseStatus'] ?? null) : null
  const done = isRecord(status) ? list(status['SuccessEntitys']).filter(isRecord) : []
  if (!done.some((one) => plain(one['Id']) === idOf(body)))
    throw failureOf('unreadable', { changes: true, words: 'a success that does not name the voucher' })
  const { data: _, ...voucher } = body
  return voucherOutput.parse({ ...voucher, status: to })
}

/** Reached → found; sent back or voided → found, and not equal; else the step was not taken, and the voucher itself proves it. */
async function find(link: Kingdee, step: Transition, id: string): Promise<LookUp> {
  const voucher = await readVoucher(link, id, undefined)
  if (!voucher) return { found: [], proven: true }
  const found: Found = toFound(voucher)
  const isMissing = !step.reached.includes(found.status) && found.status !== 'D' && found.status !== 'void'
  return { found: isMissing ? [] : [found], proven: true }
}
