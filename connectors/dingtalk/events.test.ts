import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { handedOf, handedOfStream, readEvent, streamBody } from './events.ts'
import { fact, factText } from './test-ground.ts'

const samples = readdirSync(new URL('facts', import.meta.url))
  .filter((name) => name.startsWith('event-http-'))
  .map((name) => name.replace('.json', ''))

interface Flat {
  readonly EventType: string
  readonly eventId?: string
  readonly EventTime?: number
  readonly processInstanceId?: string
  readonly processCode?: string
  readonly type?: string
  readonly result?: string
}

test.each(samples)('%s is read', (name) => {
  const flat = fact<Flat>(name)
  const event = readEvent(factText(name))
  expect(event).toMatchObject({
    type: flat.EventType,
    form: flat.processCode,
    change: flat.type,
    result: flat.result,
  })
  if (flat.eventId !== undefined) expect(event?.key).toBe(flat.eventId)
  if (flat.processInstanceId !== undefined) expect(event?.subject).toBe(flat.processInstanceId)
  if (flat.EventTime !== undefined) expect(event?.bornAt).toBe(flat.EventTime)
})

test('the older shape is understood: other letters, no event id, the time of finishing', () => {
  const handed = handedOf(factText('event-http-bpms-instance-finish-legacy'))
  expect(handed).toMatchObject({ subject: 'f1c93a0e-6b27-4d85-a0f3-92e7d814c5b6', bornAt: 1767583805000 })
  expect(handed.key).toMatch(/^[0-9a-f]{64}$/)
  expect(readEvent(factText('event-http-user-add-org-legacy'))).toMatchObject({
    subject: '17650938244120563',
    bornAt: 1767600000357,
    corpId: 'ding7f3c9a1e5b2d4c6835c2f4657eb6378f',
  })
})

const keyOf = (event: object): string | undefined => handedOf(JSON.stringify(event)).key

test('without an event id the same fact has the same key, another result another one', () => {
  const legacy = fact<Flat>('event-http-bpms-instance-finish-legacy')
  const reordered = Object.fromEntries(Object.entries(legacy).toReversed())
  expect(keyOf(reordered)).toBe(keyOf(legacy))
  expect(keyOf({ ...legacy, result: 'refuse' })).not.toBe(keyOf(legacy))
})

const said = {
  EventType: 'bpms_instance_change',
  eventId: 'e1',
  processInstanceId: 12,
  type: 'finish',
  EventTime: 1767583805000,
}

test.each([
  ['spaces', JSON.stringify(said, null, 1)],
  ['an escape', JSON.stringify(said).replace('finish', String.raw`\u0066inish`)],
  ['a record inside', JSON.stringify({ ...said, more: { EventType: 'other' } })],
  ['other letters', JSON.stringify(said).replace('EventType', 'eventtype')],
  ['a key twice, of which the last counts', JSON.stringify(said).replace('{', '{"type":"start",')],
])('a text with %s says the same as one without', (_, text) => {
  expect(readEvent(text)).toEqual(readEvent(JSON.stringify(said)))
  expect(readEvent(text)).toMatchObject({ key: 'e1', subject: '12', change: 'finish', bornAt: 1767583805000 })
})

test.each(['12345678901234567890', '1.50', '1e2'])('an id that is the number %s keeps its digits', (number) => {
  const text = JSON.stringify(said).replace('12,', `${number},`)
  expect(readEvent(text)?.subject).toBe({ '1.50': '1.5', '1e2': '100' }[number] ?? number)
})

interface StreamFrame {
  readonly headers: { eventType: string; eventId: string; eventBornTime: string; eventCorpId: string }
  readonly data: string
}

test('an event of the stream says the same as its push, under a key of its own', () => {
  const { headers, data } = fact<StreamFrame>('stream-frame-event-bpms-instance-finish')
  const pushed = readEvent(factText('event-http-bpms-instance-finish-agree'))
  expect(readEvent(streamBody(headers, data))).toEqual({ ...pushed, key: headers.eventId })
  expect(handedOfStream(headers, data).key).toBe(`stream:${headers.eventId}`)
})

test('deliveries of one event differ in nothing that is stored', () => {
  const { headers, data } = fact<StreamFrame>('stream-frame-event-bpms-task-start')
  const again = { ...headers, messageId: 'another', time: '1', connectionId: 'other' }
  expect(handedOfStream(again, data)).toEqual(handedOfStream(headers, data))
})

test.each(['', 'null', '[]', '{}', '{"EventType":7', '{"EventType":""}', '{"__proto__":{"EventType":"x"}}'])(
  '%j is no event',
  (text) => {
    expect(readEvent(text)).toBeUndefined()
    expect(handedOf(text)).toEqual({ source: 'approval', subject: '', body: text })
  },
)

test('keys that objects have by birth are data', () => {
  expect(readEvent('{"EventType":"x","toString":"a","constructor":"b","hasOwnProperty":1}')).toMatchObject({
    type: 'x',
  })
})
