import { eventIdText } from '@shuniu/contracts'
import { expect, test } from 'vitest'
import type { Incoming } from './port.ts'
import { markOf, toEvent, toOutgoing } from './record.ts'

const bytes = (text: string): Buffer => Buffer.from(text)
const incoming = (some: Partial<Incoming> = {}): Incoming => ({
  offset: 7,
  timestamp: 1_700_000_000_000,
  key: bytes('A-1'),
  value: bytes('x'),
  headers: {},
  ...some,
})

test('an event comes back as it went', () => {
  const attributes = {
    ce_id: '018f0000-0000-0000-0000-000000000001',
    ce_time: '2026-01-05T03:30:00.000Z',
    traceparent: '枢',
  }
  const event = toEvent(
    't',
    0,
    incoming({
      headers: { ce_id: bytes(attributes.ce_id), ce_time: bytes(attributes.ce_time), traceparent: bytes('枢') },
    }),
  )
  expect(event).toMatchObject({
    key: 'A-1',
    attributes: JSON.stringify(attributes),
    time: Date.parse(attributes.ce_time),
  })
  expect(eventIdText(event.eventId)).toBe(attributes.ce_id)
  expect(toOutgoing(event)).toEqual({ key: 'A-1', value: bytes('x'), headers: attributes })
})

test('headers that are no text, or came twice, lose nothing', () => {
  const headers = { odd: Buffer.of(0xff, 0x00), twice: [bytes('a'), Buffer.of(0xfe)] }
  const { attributes } = toEvent('t', 0, incoming({ headers }))
  expect(JSON.parse(attributes)).toMatchObject({ odd: { base64: '/wA=' }, twice: ['a', { base64: '/g==' }] })
  const event = { ...toEvent('t', 0, incoming()), attributes }
  expect(toOutgoing(event).headers).toMatchObject({ odd: headers.odd, twice: ['a', Buffer.of(0xfe)] })
})

test('a record without an id gets one from its place, and a deletion is empty', () => {
  const one = toEvent('t', 0, incoming({ key: null, value: null }))
  expect(one).toMatchObject({ key: '', time: 1_700_000_000_000, data: new Uint8Array() })
  expect(JSON.parse(one.attributes)).toEqual({ ce_id: eventIdText(one.eventId) })
  const ids = [
    [0, 7],
    [0, 8],
    [1, 7],
  ].map(([partition = 0, offset = 0]) => toEvent('t', partition, incoming({ offset })).eventId)
  expect(new Set(ids.map(eventIdText)).size).toBe(3)
})

test('a foreign id is one with its source, and the same wherever it stands', () => {
  const foreign = (source: string, offset: number): string =>
    eventIdText(
      toEvent(
        't',
        0,
        incoming({
          offset,
          headers: { ce_id: bytes('42'), ce_source: bytes(source), ce_time: bytes('2026-01-05T03:30:00Z') },
        }),
      ).eventId,
    )
  expect(foreign('/crm', 1)).toBe(foreign('/crm', 2))
  expect(foreign('/crm', 1)).not.toBe(foreign('/erp', 1))
})

test('a repeat is known by id and content, records without an id are never repeats', () => {
  const headers = { ce_id: bytes('1'), ce_source: bytes('/a') }
  const mark = markOf(incoming({ headers }))
  expect(markOf(incoming({ headers, offset: 8 }))).toBe(mark)
  expect(markOf(incoming({ headers, offset: 8, value: bytes('y') }))).not.toBe(mark)
  expect(markOf(incoming({ offset: 8 }))).not.toBe(markOf(incoming()))
})
