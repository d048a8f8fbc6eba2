import { describe, expect, test } from 'vitest'
import { flowWith, lint, planOf, said } from '../test-lint.ts'
import { payments } from '../test-payments.ts'
import { checkFlows } from './triggers.ts'

const approved = `{ approvalId: "1", revision: 1, approvalNo: "1", approvedAt: '= instant("2026-01-01T00:00:00Z")', department: { id: "1" }, currency: CNY, amount: 1, lines: [] }`
const again = `  - emit: approval.payment.approved\n    with: ${approved}\n`

/** A flow on vouchers that emits approvals: together with one that does it the other way round, they never end. */
const back = flowWith(again)
  .replace('flow: test', 'flow: back')
  .replace('on: approval.payment.approved', 'on: finance.voucher.created')

describe('a flow that triggers itself', () => {
  test('by emitting what starts it', () => {
    expect(lint(flowWith(again))).toEqual(['5:11 flow.self-trigger'])
  })

  test('within a branch, too', () => {
    const nested = flowWith(`  - choose:
      - when: event.amount > 1
        steps:
          - emit: approval.payment.approved
            with: ${approved}
`)
    expect(lint(nested)).toEqual(['8:19 flow.self-trigger'])
  })

  test('by emitting what takes its own documents back', () => {
    const withdrawn =
      '  - emit: approval.payment.withdrawn\n    with: { approvalId: = event.approvalId, revision: 1 }\n'
    const found = lint(`${payments()}${withdrawn}`)
    expect(found).toEqual([expect.stringMatching(/^\d+:11 flow\.self-trigger$/)])
  })

  test('only by what it emits: the same words elsewhere are none', () => {
    expect(lint(flowWith('  - park: { message: "approval.payment.approved" }\n'))).toEqual([])
  })
})

describe('flows that trigger each other', () => {
  test('are found together, once, with the way they go', () => {
    const problems = checkFlows([planOf(payments()), planOf(back)])
    expect(said(problems)).toEqual([expect.stringMatching(/^\d+:11 flow\.circle$/)])
    expect(problems[0]?.error.message).toContain(
      'payment → finance.voucher.created → back → approval.payment.approved → payment',
    )
  })

  test('through an undo as well', () => {
    const onReversed = back.replace('on: finance.voucher.created', 'on: finance.voucher.reversed')
    expect(said(checkFlows([planOf(payments()), planOf(onReversed)]))).toHaveLength(1)
  })

  test('are none when nobody comes back to the first', () => {
    const other = flowWith('  - park: { message: here }\n').replace(
      'approval.payment.approved',
      'finance.voucher.created',
    )
    expect(checkFlows([planOf(payments()), planOf(other)])).toEqual([])
    expect(checkFlows([planOf(back)])).toEqual([])
  })
})
