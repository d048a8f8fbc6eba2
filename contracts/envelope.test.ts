import { expect, test } from 'vitest'
import { fromHeaders, toHeaders, type HubEvent } from './envelope.ts'
import { HubError } from './errors.ts'
import { Instant } from './values.ts'

const event: HubEvent = {
  id: '01a1ee11-4e00-0862-bf33-e8adcf79ab25',
  type: 'approval.payment.approved',
  topic: 'approval.payment.approved.v1',
  key: 'a0d1c2f4',
  time: new Instant(Date.parse('2026-11-22T03:30:00.125Z')),
  source: '/connections/dingtalk-main',
  subject: '付款-2026-0317',
  correlation: 'a0d1c2f4',
  causation: '01a1ee11-4e00-0862-bf33-e8adcf79ab24',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  data: {},
}
const around = { topic: event.topic, key: event.key, data: {} }

test('an event becomes the headers of the CloudEvents binding for Kafka, binary mode', () => {
  expect(toHeaders(event, 'http://127.0.0.1:7070/registry/schemas/ids/1')).toEqual({
    ce_specversion: '1.0',
    ce_id: '01a1ee11-4e00-0862-bf33-e8adcf79ab25',
    ce_source: '/connections/dingtalk-main',
    ce_type: 'approval.payment.approved',
    ce_subject: '付款-2026-0317',
    ce_time: '2026-11-22T03:30:00.125Z',
    ce_correlationid: 'a0d1c2f4',
    ce_causationid: '01a1ee11-4e00-0862-bf33-e8adcf79ab24',
    ce_partitionkey: 'a0d1c2f4',
    ce_traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    ce_dataschema: 'http://127.0.0.1:7070/registry/schemas/ids/1',
    'content-type': 'application/avro',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  })
})

test('headers become the same event', () => {
  expect(fromHeaders(toHeaders(event), around)).toEqual(event)
  const { causation: _, traceparent: __, ...bare } = event
  expect(fromHeaders(toHeaders(bare), around)).toEqual(bare)
})

test('what a foreign producer left out comes from the record, and what it invented stays out (G11)', () => {
  const time = new Instant(0)
  const headers = { ce_type: event.type, 'hub.err.class': 'forged', ce_key: 'forged', traceparent: 'nonsense' }
  expect(fromHeaders(headers, { ...around, fallback: { id: 'topic-0-7', time, source: 'kafka' } })).toEqual({
    id: 'topic-0-7',
    type: event.type,
    topic: event.topic,
    key: event.key,
    time,
    source: 'kafka',
    subject: event.key,
    correlation: 'topic-0-7',
    data: {},
  })
})

test.each([
  ['id', { ce_id: '' }],
  ['source', { ce_source: '' }],
  ['type', { ce_type: '' }],
  ['time', { ce_time: 'yesterday' }],
  ['specversion', { ce_specversion: '2.0' }],
])('an event whose %s is missing or malformed is refused by that name', (attribute, change) => {
  const read = (): unknown => fromHeaders({ ...toHeaders(event), ...change }, around)
  expect(read).toThrow(HubError)
  expect(read).toThrow(expect.objectContaining({ code: 'event.attribute', parameters: { attribute } }))
})
