import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventId, eventIdBytes, eventIdText, type Fact } from './event-id.ts'
import { Instant } from './values.ts'

const fact: Fact = {
  time: new Instant(1_795_000_000_000),
  connection: 'dingtalk-main',
  type: 'approval.payment.approved',
  document: 'a0d1c2f4',
  version: '1',
}

test('the same fact has the same id, for ever', () => {
  expect(eventId(fact)).toBe('01a1ee56-5e00-5540-6100-31f22375dcc5')
  expect(eventId({ ...fact })).toBe(eventId(fact))
})

test.each<[string, Partial<Fact>]>([
  ['time', { time: new Instant(1_795_000_000_001) }],
  ['connection', { connection: 'dingtalk-other' }],
  ['type', { type: 'approval.payment.withdrawn' }],
  ['document', { document: 'a0d1c2f5' }],
  ['version', { version: '2' }],
  ['where one part ends', { document: 'a0d1c2f4","1', version: '' }],
])('another %s is another id', (_, change) => {
  expect(eventId({ ...fact, ...change })).not.toBe(eventId(fact))
})

test('ids sort by time, as text and as bytes', () => {
  const time = fc.integer({ min: 0, max: 2 ** 48 - 1 })
  fc.assert(
    fc.property(time, time, (one, other) => {
      const [a, b] = [one, other].map((ms) => eventId({ ...fact, time: new Instant(ms) }))
      if (one === other || !a || !b) return
      expect(a < b).toBe(one < other)
      expect(Buffer.compare(eventIdBytes(a) ?? Buffer.of(), eventIdBytes(b) ?? Buffer.of()) < 0).toBe(one < other)
    }),
  )
})

test('the 16 bytes and the text are the same id', () => {
  const id = eventId(fact)
  expect(eventIdBytes(id)).toHaveLength(16)
  expect(eventIdText(eventIdBytes(id) ?? Buffer.of())).toBe(id)
  expect(eventIdBytes('a0d1c2f4')).toBeUndefined()
  expect(eventIdBytes(`${id}00`)).toBeUndefined()
})
