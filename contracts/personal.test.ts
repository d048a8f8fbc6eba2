import { expect, test } from 'vitest'
import { contract } from './contracts.ts'
import { personalValues } from './personal.ts'

test('what a contract marks as personal is found in the data, at every depth, and nothing else', () => {
  const { shape } = contract('approval.payment.approved')
  const data = {
    title: '张三的付款申请',
    applicant: { id: 'u1', name: '张三' },
    payee: { name: '李四', account: '6222020200112233', bank: '工商银行' },
    currency: 'CNY',
    lines: [{ category: '差旅费', memo: '机票' }],
  }
  expect(personalValues(shape, data)).toEqual([
    { value: '6222020200112233', pii: 'bank' },
    { value: '张三的付款申请', pii: 'name' },
    { value: '张三', pii: 'name' },
    { value: '李四', pii: 'name' },
  ])
})
