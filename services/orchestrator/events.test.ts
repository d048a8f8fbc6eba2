import {
  contract,
  contracts,
  encode,
  eventIdBytes,
  frame,
  parseSchemaText,
  sampleOf,
  schemaGuid,
  schemaNumber,
} from '@shuniu/contracts'
import type { LogRecord } from '@shuniu/infra/log'
import { describe, expect, test } from 'vitest'
import { readEvent, readHead, type Schemas } from './events.ts'

const its = contract('finance.voucher.created')
const older = its.text.replace('"doc":"', '"doc":"Older. ')
const known = new Map([its.text, older].map((text) => [schemaNumber(text), parseSchemaText(text).schema]))
const schemas: Schemas = { contracts, idOf: ({ text }) => schemaNumber(text), writerOf: (id) => known.get(id) }
const eventId = '018f0000-0000-0000-0000-000000000001'
const data = { ...sampleOf(its), number: '记-1' }
const payload = encode(its, data)

function recordWith(attributes: object, bytes: Uint8Array = frame(schemaNumber(its.text), payload)): LogRecord {
  const id = eventIdBytes(eventId)
  if (!id) throw new Error('no id')
  const text = JSON.stringify(attributes)
  return {
    position: 7,
    eventId: id,
    topic: its.topic,
    key: 'A-1',
    time: 1_767_600_000_000,
    attributes: text,
    data: bytes,
  }
}

describe('a record of a foreign producer', () => {
  test('without CloudEvents headers is an event of its topic, at the time it was appended', () => {
    const { type, id, time, source, correlation } = readHead(recordWith({}), schemas)
    expect({ type, id, source, correlation: correlation !== '' }).toEqual({
      type: 'finance.voucher.created',
      id: eventId,
      source: '/topics/finance.voucher.created.v1',
      correlation: true,
    })
    expect(time.ms).toBe(1_767_600_000_000)
  })

  test('with an id of its own is known by the one that the log made of it', () => {
    const head = readHead(recordWith({ ce_id: 'abc', ce_source: '/erp', ce_type: its.type }), schemas)
    expect([head.id, head.source]).toEqual([eventId, '/erp'])
  })

  test('of a type that nobody knows is refused, whatever its topic', () => {
    expect(() => readHead(recordWith({ ce_type: 'sales.order.lost' }), schemas)).toThrow(
      expect.objectContaining({ code: 'contract.unknown' }),
    )
  })
})

describe('the schema is named', () => {
  const guid = Buffer.from(`01${schemaGuid(older).replaceAll('-', '')}`, 'hex')
  const id = frame(schemaNumber(older), new Uint8Array())
  test.each([
    ['by an id in front of the value', {}, Buffer.concat([id, payload])],
    ['by a GUID in front of the value', {}, Buffer.concat([guid, payload])],
    ['by a GUID in a header', { __value_schema_id: { base64: guid.toString('base64') } }, payload],
    ['by an id in a header that happens to be text', { __value_schema_id: '\0\0\0\0\u0001' }, payload],
  ])('%s', (how, attributes, bytes) => {
    const read = () => readEvent(recordWith(attributes, bytes), schemas).data['number']
    if (how.includes('text')) expect(read).toThrow(expect.objectContaining({ code: 'event.unknown-schema' }))
    else expect(read()).toBe('记-1')
  })
})
