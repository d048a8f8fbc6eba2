import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  contract,
  Decimal,
  encode,
  frame,
  Instant,
  parseContractText,
  sampleOf,
  schemaGuid,
  schemaNumber,
  toHeaders,
  type Contract,
  type HubEvent,
} from '@shuniu/contracts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EventReader, isEvent, type KafkaRecord } from './index.ts'

const its = contract('finance.voucher.created')
const texts = new Map<string, string>()
const asked: string[] = []
let server: Server
let url: string
let isDown = false

beforeEach(async () => {
  texts.clear()
  asked.length = 0
  isDown = false
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? ''}`)
    if (isDown) return void request.socket.destroy()
    const schema = texts.get((request.url ?? '').replace(/^\/registry\/schemas\/(ids|guids)\//, ''))
    response.writeHead(schema === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(schema === undefined ? { error_code: 40403 } : { schema }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/registry`
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

function register({ text }: Pick<Contract, 'text'>): void {
  texts.set(String(schemaNumber(text)), text)
  texts.set(schemaGuid(text), text)
}

function parsed(text: string): Contract {
  const { contract: read, problems } = parseContractText(text)
  if (!read) throw problems[0]?.error ?? new Error('no contract')
  return read
}

const event: HubEvent = {
  id: '018f0000-0000-0000-0000-000000000001',
  type: its.type,
  topic: its.topic,
  key: 'A-1',
  time: Instant.parse('2026-03-05T01:02:03Z') ?? new Instant(0),
  source: '/flows/payment-to-voucher',
  subject: '记-1',
  correlation: 'whole',
  causation: 'cause',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  data: sampleOf(its),
}
const payload = encode(its, event.data)
const record: KafkaRecord = {
  topic: its.topic,
  key: Buffer.from('A-1'),
  value: frame(schemaNumber(its.text), payload),
  headers: Object.fromEntries(Object.entries(toHeaders(event)).map(([name, text]) => [name, Buffer.from(text)])),
}
const guid = Buffer.from(`01${schemaGuid(its.text).replaceAll('-', '')}`, 'hex')

describe('a record', () => {
  test.each([
    ['with an id in front', record],
    ['with a GUID in front', { ...record, value: Buffer.concat([guid, payload]) }],
    ['with a GUID in a header', { ...record, value: payload, headers: { ...record.headers, __value_schema_id: guid } }],
  ])('%s becomes the event it was', async (_, one) => {
    register(its)
    const read = await new EventReader({ registry: { url } }).read(one)
    expect(read).toEqual(event)
    if (!isEvent(read, 'finance.voucher.created')) throw new Error('another type')
    const amount: Decimal = read.data.amount
    expect(amount.eq(new Decimal('128.5'))).toBe(true)
  })

  test('of another version is read by the reader’s own contract', async () => {
    const fields = '{"name":"added","type":["null","string"],"default":null,"doc":"New."},'
    const newer = parsed(its.text.replace('"fields":[', `"fields":[${fields}`))
    register(newer)
    const data = { ...event.data, added: 'new' }
    const value = frame(schemaNumber(newer.text), encode(newer, data))
    const reader = new EventReader({ registry: { url } })
    expect((await reader.read({ ...record, value })).data).toEqual(event.data)
    const asWritten = new EventReader({ registry: { url }, contracts: [] })
    expect((await asWritten.read({ ...record, value })).data).toEqual(data)
  })

  test('of a producer that writes no CloudEvents headers gets what is known of it', async () => {
    register(its)
    const plain = { ...record, headers: {}, partition: 2, offset: '17', timestamp: '1772672523000' }
    expect(await new EventReader({ registry: { url } }).read(plain)).toMatchObject({
      id: 'finance.voucher.created.v1-2-17',
      type: 'finance.voucher.created',
      source: '/topics/finance.voucher.created.v1',
      time: new Instant(1_772_672_523_000),
      key: 'A-1',
    })
  })

  test('is read by the type it says, whatever its topic', async () => {
    const other = contract('approval.payment.withdrawn')
    register(other)
    const value = frame(schemaNumber(other.text), encode(other, sampleOf(other)))
    const headers = { ...record.headers, ce_type: Buffer.from(other.type) }
    const read = await new EventReader({ registry: { url } }).read({ ...record, value, headers })
    expect([read.type, read.topic, read.data]).toEqual([other.type, its.topic, sampleOf(other)])
  })

  test.each([
    ['a tombstone', { ...record, value: null }, 'event.no-value'],
    ['no frame', { ...record, value: Buffer.from('{"a":1}') }, 'event.unknown-frame'],
    ['a schema that nobody knows', record, 'event.unknown-schema'],
  ])('that is %s is refused clearly', async (_, one, code) => {
    await expect(new EventReader({ registry: { url } }).read(one)).rejects.toMatchObject({ code })
  })
})

describe('the registry', () => {
  test('is asked once for each schema, with the token as the password of Basic', async () => {
    register(its)
    const reader = new EventReader({ registry: { url: `${url}/`, token: 'geheim' } })
    await Promise.all([reader.read(record), reader.read(record)])
    await reader.read(record)
    const basic = `Basic ${Buffer.from('shuniu:geheim').toString('base64')}`
    expect(asked).toEqual([`/registry/schemas/ids/${schemaNumber(its.text)} ${basic}`])
  })

  test('that does not answer is another matter than a schema nobody knows, and is asked again', async () => {
    register(its)
    isDown = true
    const reader = new EventReader({ registry: { url } })
    await expect(reader.read(record)).rejects.toMatchObject({ code: 'client.registry-unreachable' })
    isDown = false
    expect((await reader.read(record)).id).toBe(event.id)
  })

  test('that answers with no schema is refused', async () => {
    texts.set(String(schemaNumber(its.text)), '{"type":')
    await expect(new EventReader({ registry: { url } }).read(record)).rejects.toMatchObject({
      code: 'client.registry-refused',
    })
  })
})
