import { expect, test } from 'vitest'
import { faultPlan, faultRule } from './faults.ts'
import type { FaultRule } from './faults.ts'

const taken = (rule: FaultRule, calls: number, on = 'save') => {
  const plan = faultPlan()
  plan.add(rule)
  return Array.from({ length: calls }, () => plan.take(on) !== undefined)
}

test('times ends a fault', () => {
  expect(taken({ on: 'save', fault: 'hang', times: 2 }, 4)).toEqual([true, true, false, false])
})

test('after lets the first calls pass', () => {
  expect(taken({ on: 'save', fault: 'hang', after: 2, times: 1 }, 4)).toEqual([false, false, true, false])
})

test('without times and rate a fault stays until it is removed', () => {
  const plan = faultPlan()
  const { id } = plan.add({ on: '*', fault: 'refuse' })
  expect([plan.take('save'), plan.take('query')]).toEqual([{ fault: 'refuse' }, { fault: 'refuse' }])
  expect(plan.remove(id)).toBe(1)
  expect(plan.take('save')).toBeUndefined()
})

test('a rate with a seed fires for the same calls every time, about as often as asked', () => {
  const rule: FaultRule = { on: 'save', fault: 'late', rate: 0.2, seed: 7 }
  const first = taken(rule, 1000)
  expect(taken(rule, 1000)).toEqual(first)
  expect(first.filter(Boolean).length).toBeGreaterThan(150)
  expect(first.filter(Boolean).length).toBeLessThan(250)
})

test('other operations are left alone, and any of the names of a call will do', () => {
  expect(taken({ on: 'save', fault: 'hang' }, 1, 'query')).toEqual([false])
  const plan = faultPlan()
  plan.add({ on: 'Save', fault: 'hang' })
  expect(plan.take(['voucher.save', 'Save'])).toEqual({ fault: 'hang' })
})

test('faults of pushes and of requests do not use each other up', () => {
  const plan = faultPlan()
  plan.add({ on: '*', fault: 'lost-push', times: 1 })
  plan.add({ on: '*', fault: 'hang', times: 1 })
  expect(plan.take('save')).toEqual({ fault: 'hang' })
  expect(plan.take('event', 'push')).toEqual({ fault: 'lost-push' })
})

test('a fault that means nothing for a call waits for the next one', () => {
  const plan = faultPlan()
  plan.add({ on: '*', fault: 'empty-query', times: 1 })
  expect(plan.take('save', 'request', () => false)).toBeUndefined()
  expect(plan.take('query', 'request', () => true)).toEqual({ fault: 'empty-query' })
})

test('a misspelt fault or key is no rule', () => {
  expect(faultRule.safeParse({ on: '*', fault: 'explode' }).success).toBe(false)
  expect(faultRule.safeParse({ on: '*', fault: 'hang', time: 1 }).success).toBe(false)
})
