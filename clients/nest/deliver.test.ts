import { HubError, Instant, rememberEvents, type HubEvent, type KafkaRecord } from '@shuniu/client'
import { expect, test } from 'vitest'
import { Abandoned, deliver, type Delivery, type GivenUp } from './deliver.ts'

const event: HubEvent = {
  id: '1',
  source: '/flows/f',
  type: 'finance.voucher.created',
  topic: 'finance.voucher.created.v1',
  key: 'A-1',
  time: new Instant(0),
  subject: '',
  correlation: '',
  data: {},
}
const record: KafkaRecord = { topic: event.topic, key: null, value: null, partition: 1, offset: '7' }
const always = (): boolean => true

/** A delivery whose reader and handler do in turn what they are told; the last again and again. */
function deliveryOf(handle: readonly (Error | 'fine')[], more: Partial<Delivery> = {}) {
  const told = { handled: 0, givenUp: [] as GivenUp[], failed: [] as string[] }
  const delivery: Delivery = {
    reader: { read: async () => event },
    seen: rememberEvents(),
    retry: { attempts: 3, firstPause: 1, longestPause: 2 },
    async dispatch() {
      const next = handle[Math.min(told.handled++, handle.length - 1)]
      if (next instanceof Error) throw next
    },
    givenUp: (given) => void told.givenUp.push(given),
    failed: (message) => void told.failed.push(message),
    ...more,
  }
  return { delivery, told }
}

test('a handler that fails is tried again until it is fine', async () => {
  const { delivery, told } = deliveryOf([new Error('one'), new Error('two'), 'fine'])
  await deliver(delivery, record, always)
  expect([told.handled, told.givenUp, told.failed.length]).toEqual([3, [], 2])
})

test('after the last try it is given up, and the partition goes on', async () => {
  const error = new Error('always')
  const { delivery, told } = deliveryOf([error])
  await deliver(delivery, record, always)
  expect(told.givenUp).toEqual([{ record, event, error, attempts: 3 }])
})

test('what was handled is not handled again; what was given up was not handled', async () => {
  const fine = deliveryOf(['fine'])
  for (let times = 0; times < 3; times++) await deliver(fine.delivery, record, always)
  expect(fine.told.handled).toBe(1)
  const failing = deliveryOf([new Error('a'), new Error('b'), new Error('c'), 'fine'])
  for (let times = 0; times < 2; times++) await deliver(failing.delivery, record, always)
  expect(failing.told).toMatchObject({ handled: 4, givenUp: [{ attempts: 3 }] })
})

test('what nobody can read is given up at once, and its handler never sees it', async () => {
  const error = new HubError('event.no-value')
  const { delivery, told } = deliveryOf(['fine'], { reader: { read: () => Promise.reject(error) } })
  await deliver(delivery, record, always)
  expect([told.handled, told.givenUp]).toEqual([0, [{ record, event: undefined, error, attempts: 1 }]])
})

test('a registry that does not answer is waited for, however long', async () => {
  let left = 9
  const unreachable = new HubError('client.registry-unreachable', { url: 'x' })
  const reader = { read: async () => (left-- > 0 ? Promise.reject(unreachable) : event) }
  const { delivery, told } = deliveryOf(['fine'], { reader })
  await deliver(delivery, record, always)
  expect([told.handled, told.givenUp, told.failed.length]).toEqual([1, [], 9])
})

test('a record that nobody took is not passed over', async () => {
  let left = 2
  const { delivery, told } = deliveryOf([new Error('always')], {
    givenUp: () => (left-- > 0 ? Promise.reject(new Error('no topic')) : undefined),
  })
  await deliver(delivery, record, always)
  expect([left, told.failed.filter((line) => line.includes('nobody took it')).length]).toEqual([-1, 2])
})

test('a partition that was taken away is left at once', async () => {
  const { delivery, told } = deliveryOf([new Error('always')])
  await expect(deliver(delivery, record, () => false)).rejects.toThrow(Abandoned)
  expect([told.handled, told.givenUp]).toEqual([1, []])
})
