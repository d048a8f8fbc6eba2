import { expect, test } from 'vitest'
import { HubError } from '../errors.ts'
import { frame, unframe } from './frame.ts'

test('the frame is a zero, the id of the schema in four bytes, the payload', () => {
  const framed = frame(0x01020304, Uint8Array.of(9, 8))
  expect([...framed]).toEqual([0, 1, 2, 3, 4, 9, 8])
  const { schema, payload } = unframe(framed)
  expect(schema).toEqual({ by: 'id', id: 0x01020304 })
  expect([...payload]).toEqual([9, 8])
})

test('a frame that is part of a larger buffer is read where it is', () => {
  const larger = Uint8Array.of(7, 7, 0, 0, 0, 0, 5, 1, 7)
  expect(unframe(larger.subarray(2, 8))).toMatchObject({ schema: { id: 5 }, payload: Buffer.of(1) })
})

test.each<[string, Uint8Array | null, string]>([
  ['a tombstone (G13)', null, 'event.no-value'],
  ['an empty value (G13)', Uint8Array.of(), 'event.no-value'],
  ['a frame that is cut off', Uint8Array.of(0, 0, 0, 1), 'event.unknown-frame'],
  ['an unknown first byte', Uint8Array.of(123, 0, 0, 0, 1, 2), 'event.unknown-frame'],
])('%s is refused with a clear error', (_, value, code) => {
  expect(() => unframe(value)).toThrow(expect.objectContaining({ code }))
  expect(() => unframe(value)).toThrow(HubError)
})
