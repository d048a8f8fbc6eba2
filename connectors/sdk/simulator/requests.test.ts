import { expect, test } from 'vitest'
import { requestLog } from './requests.ts'

const request = { method: 'GET', path: '/', query: '', operation: 'list', arrivedMs: 0, body: '' }

test('the log holds the last requests only, but counts all of them', () => {
  const log = requestLog(3)
  for (let index = 0; index < 10; index += 1) log.add(request)
  expect(log.after(0).map(({ n }) => n)).toEqual([8, 9, 10])
  expect(log.after(9).map(({ n }) => n)).toEqual([10])
  expect(log.after(10)).toEqual([])
  expect(log.counts).toEqual({ list: 10 })
})

test('a long body is cut', () => {
  const { body } = requestLog().add({ ...request, body: 'x'.repeat(20_000) })
  expect(body).toHaveLength(16_385)
})
