import { expect, test } from 'vitest'
import { contracts } from '../contracts.ts'
import { HubError } from '../errors.ts'
import { numberOfGuid, schemaGuid, schemaNumber } from '../schema-number.ts'
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

const guid = '01020304-0506-0708-090a-0b0c0d0e0f10'
const ofGuid = Uint8Array.from({ length: 17 }, (_, at) => (at === 0 ? 1 : at))

test('version 1 names the schema by its GUID, of which our number is a part', () => {
  const { schema, payload } = unframe(Uint8Array.of(...ofGuid, 9, 8))
  expect(schema).toEqual({ by: 'guid', guid, id: 0x01020304 >>> 1 })
  expect([...payload]).toEqual([9, 8])
})

test.each([
  ['an id', Uint8Array.of(0, 0, 0, 0, 5), { by: 'id', id: 5 }],
  ['a GUID', ofGuid, { by: 'guid', guid, id: 0x01020304 >>> 1 }],
])('with %s in the header the value is the payload alone, even an empty one', (_, header, schema) => {
  expect(unframe(Uint8Array.of(0, 1), header)).toEqual({ schema, payload: Uint8Array.of(0, 1) })
  expect(unframe(Uint8Array.of(), header)).toEqual({ schema, payload: Uint8Array.of() })
})

test('a number is the beginning of its GUID, and both come from the text', () => {
  for (const { text } of contracts) expect(numberOfGuid(schemaGuid(text))).toBe(schemaNumber(text))
  expect(numberOfGuid('no guid')).toBeUndefined()
})

test.each<[string, Uint8Array | null, string]>([
  ['a tombstone (G13)', null, 'event.no-value'],
  ['an empty value (G13)', Uint8Array.of(), 'event.no-value'],
  ['a frame that is cut off', Uint8Array.of(0, 0, 0, 1), 'event.unknown-frame'],
  ['a GUID that is cut off', Uint8Array.of(1, 0, 0, 1, 2, 3), 'event.unknown-frame'],
  ['an unknown first byte', Uint8Array.of(123, 0, 0, 0, 1, 2), 'event.unknown-frame'],
])('%s is refused with a clear error', (_, value, code) => {
  expect(() => unframe(value)).toThrow(expect.objectContaining({ code }))
  expect(() => unframe(value)).toThrow(HubError)
})
