import { expect, test } from 'vitest'
import { contract, Instant, sampleOf, type HubEvent } from '@shuniu/contracts'
import { once, rememberEvents } from './index.ts'

const event = (id: string, source = '/flows/f'): HubEvent => ({
  id,
  source,
  type: 'finance.voucher.created',
  topic: 'finance.voucher.created.v1',
  key: 'A-1',
  time: new Instant(0),
  subject: '',
  correlation: '',
  data: sampleOf(contract('finance.voucher.created')),
})

test('an event is handled once, and the same id of another source is another event', async () => {
  const seen = rememberEvents()
  const handled: string[] = []
  for (const one of [event('1'), event('1'), event('1', '/erp'), event('2')])
    await once(one, seen, () => void handled.push(`${one.source} ${one.id}`))
  expect(handled).toEqual(['/flows/f 1', '/erp 1', '/flows/f 2'])
})

test('what failed was not handled', async () => {
  const seen = rememberEvents()
  await expect(once(event('1'), seen, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await once(event('1'), seen, () => undefined)).toBe(true)
})

test('the memory is bounded: the oldest are forgotten', async () => {
  const seen = rememberEvents(2)
  for (const id of ['1', '2', '3']) await once(event(id), seen, () => undefined)
  expect([await once(event('3'), seen, () => undefined), await once(event('1'), seen, () => undefined)]).toEqual([
    false,
    true,
  ])
})
