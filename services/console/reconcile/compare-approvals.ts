import { Decimal } from '@shuniu/contracts'
import type { Say } from '../speech.ts'
import type { Approval } from './approvals.ts'
import type { Finding } from './finding.ts'
import type { Booked } from './ledger.ts'

/** Differences between an approval and what the ledger booked for it. Parked ones are told elsewhere. */
export function compareApproval(approval: Approval, booked: readonly Booked[], say: Say): Finding[] {
  const neverTaken = neverDelivered(approval, say)
  if (neverTaken) return [neverTaken]
  if (booked.length === 0) return []
  return [...amountOf(approval, booked, say), ...booked.flatMap((one) => periodOf(approval, one, say))]
}

/** No flow has taken it: it came before the flow was on, or none is. */
function neverDelivered({ number, amount, runs }: Approval, say: Say): Finding | undefined {
  const expected = amount.toFixed()
  if (runs.length === 0)
    return {
      kind: 'missing',
      number,
      expected,
      proposal: say(
        'It arrived before its flow was on. Deliver it with `shuniu replay --flow …`.',
        '该审批在流程启用之前到达。请用 `shuniu replay --flow …` 补投。',
      ),
    }
  if (!runs.every(({ reason }) => reason === 'no flow')) return undefined
  return {
    kind: 'missing',
    number,
    expected,
    proposal: say('No flow takes it. Write one, then replay it.', '没有流程处理它。请编写流程后再补投。'),
  }
}

/** The approval's amount is that of one of its documents, or of all together. */
function amountOf({ number, amount, currency }: Approval, booked: readonly Booked[], say: Say): Finding[] {
  const same = booked.filter((one) => currency === undefined || (one.currency ?? currency) === currency)
  const amounts = same.map((one) => new Decimal(one.amount))
  const total = amounts.reduce((sum, one) => sum.plus(one), new Decimal('0'))
  if (same.length === 0 || total.eq(amount) || amounts.some((one) => one.eq(amount))) return []
  return [
    {
      kind: 'amount-differs',
      number,
      ...(same[0] ? documentOf(same[0]) : {}),
      expected: amount.toFixed(),
      found: total.toFixed(),
      proposal: say(
        'The flow booked another amount than was approved. Look at it with `shuniu trace`, reverse the voucher if it is wrong.',
        '入账金额与审批金额不一致。请用 `shuniu trace` 核对，如有误请冲销凭证。',
      ),
    },
  ]
}

function periodOf({ number, day }: Approval, booked: Booked, say: Say): Finding[] {
  if (booked.day.slice(0, 7) === day.slice(0, 7)) return []
  return [
    {
      kind: 'period-differs',
      number,
      ...documentOf(booked),
      expected: day,
      found: booked.day,
      proposal: booked.moved ? movedOn(say) : elsewhere(say),
    },
  ]
}

const movedOn = (say: Say): string =>
  say(
    'Its own month was closed, so the flow booked it on the first open day. Accrue it there if that month must show it.',
    '审批所属期间已结账，流程已按首个未结账日期入账。如须在原期间体现，请在原期间计提。',
  )

const elsewhere = (say: Say): string =>
  say(
    'It was booked in another month than it was approved in. Agree on the month; reverse and book anew if it is wrong.',
    '入账月份与审批月份不同。请确认归属期间，如有误请冲销后重新入账。',
  )

export function documentOf({ effect }: Booked): Pick<Finding, 'connection' | 'reference' | 'document'> {
  const { connection, reference, document_number, document } = effect
  const name = document_number ?? document
  return { connection, reference, ...(name === null ? {} : { document: name }) }
}
