import { contract, contracts, Decimal, Instant } from '@shuniu/contracts'
import { describe, expect, test } from 'vitest'
import { flowWith, planOf } from '../test-lint.ts'
import { payments } from '../test-payments.ts'
import { numberOf, revisionOf } from './keys.ts'
import type { FlowEvent } from './plan.ts'

const event = (data: FlowEvent['data'], type = 'approval.payment.approved'): FlowEvent => ({
  position: 1,
  id: 'E',
  type,
  time: new Instant(0),
  source: 'office',
  correlation: 'A',
  data,
})
const park = '  - park: { message: here }\n'

describe('the key of an event', () => {
  test("is the flow's, for what starts it and for what undoes it", () => {
    const plan = planOf(payments())
    expect(plan.keyOf(event({ approvalId: 'A' }))).toBe('A')
    expect(plan.keyOf(event({ approvalId: 'A' }, 'approval.payment.withdrawn'))).toBe('A')
  })

  test("is the contract's when the flow names none", () => {
    expect(contract('approval.payment.approved').key).toBe('approvalId')
    expect(planOf(flowWith(park)).keyOf(event({ approvalId: 'A' }))).toBe('A')
  })

  test('that is empty is refused', () => {
    expect(() => planOf(flowWith(park)).keyOf(event({ approvalId: '' }))).toThrow('gives an empty key')
  })
})

test("the revision is the contract's field, 1 where it has none", () => {
  expect(revisionOf(event({ revision: new Decimal('3') }), contracts)).toBe(3)
  expect(revisionOf(event({}), contracts)).toBe(1)
  expect(revisionOf(event({ revision: new Decimal('3') }, 'no.such.event'), contracts)).toBe(1)
})

test('the number people know it by is the number of the approval, else its own', () => {
  expect(numberOf(event({ approvalNo: 'NO-1', number: 'V-1' }))).toBe('NO-1')
  expect(numberOf(event({ number: 'V-1' }))).toBe('V-1')
  expect(numberOf(event({ approvalNo: '' }))).toBeUndefined()
})
