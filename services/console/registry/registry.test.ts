import { compatibilityLevels, contract, schemaGuid, schemaNumber } from '@shuniu/contracts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestDesk, type TestDesk } from './test-desk.ts'

const topic = 'finance.voucher.created.v1'
const subject = `${topic}-value`
const versions = `/subjects/${subject}/versions`
const { text } = contract('finance.voucher.created')

const record = (...fields: readonly object[]): string =>
  JSON.stringify({ type: 'record', name: 'R', fields: [{ name: 'a', type: 'string' }, ...fields] })
const optional = (name: string): object => ({ name, type: ['null', 'string'], default: null })
const plain = record()
const withNumber = record({ name: 'n', type: 'int' })

let desk: TestDesk
let admin: ReturnType<TestDesk['as']>
let anybody: ReturnType<TestDesk['as']>
beforeEach(async () => {
  desk = await openTestDesk()
  ;[admin, anybody] = [desk.as(true), desk.as(false)]
})
afterEach(() => desk.close())

describe('what is posted to a subject', () => {
  test('is refused as 42201 when it is no schema, whoever asks', async () => {
    for (const schema of ['{', '{"type":"record"}', '"strin"', 7]) {
      const answered = await anybody('POST', versions, { schema })
      expect(answered).toMatchObject({ status: 422, json: { error_code: 42201 } })
    }
    const other = await anybody('POST', versions, { schema: '{}', schemaType: 'JSON' })
    expect(other.json).toMatchObject({ error_code: 42201, message: expect.stringContaining('AVRO') })
    const references = [{ name: 'x', subject: 'y', version: 1 }]
    expect((await admin('POST', versions, { schema: plain, references })).json).toMatchObject({ error_code: 42201 })
  })

  test('is told its id when it is there already, without any right', async () => {
    const { json } = await admin('POST', versions, { schema: text })
    expect(json).toEqual({ id: schemaNumber(text), version: 1, guid: schemaGuid(text) })
    expect(await anybody('POST', versions, { schema: text })).toMatchObject({ status: 200, json })
    const pretty = JSON.stringify(JSON.parse(text), undefined, 4)
    expect((await anybody('POST', versions, { schema: pretty, schemaType: 'AVRO' })).json).toEqual(json)
  })

  test('is told the id of the version that means the same, as a generated class of Java says it', async () => {
    const { json } = await admin('POST', versions, { schema: plain })
    const java =
      '{"fields":[{"name":"a","type":{"type":"string","avro.java.string":"String"}}],"name":"R","type":"record"}'
    expect((await anybody('POST', versions, { schema: java })).json).toEqual(json)
    expect((await admin('POST', `${versions}?normalize=true`, { schema: java })).json).toEqual(json)
  })

  test('is refused as 42205 with what to do, when it is new and there is no right', async () => {
    const { status, json } = await anybody('POST', versions, { schema: text })
    expect(status).toBe(422)
    expect(json).toMatchObject({ error_code: 42205, message: expect.stringContaining('shuniu contracts apply') })
    expect((await anybody('GET', '/subjects')).json).toEqual([])
  })

  test('is refused as 409 with what breaks and for whom', async () => {
    await admin('PUT', `/config/${subject}`, { compatibility: 'FULL_TRANSITIVE' })
    await admin('POST', versions, { schema: text })
    const changed = text.replace('"name":"number","type":["null","string"]', '"name":"number","type":["null","int"]')
    const { status, json } = await admin('POST', versions, { schema: changed })
    expect([status, json.error_code]).toEqual([409, 409])
    expect(json.message).toContain('number: version 1 takes null or string, but version 2 may hold int')
    expect(json.message).toContain('consumers that read with version 1')
    expect(json.message).toContain('flow tell-the-bank')
    expect((await anybody('GET', versions)).json).toEqual([1])
  })

  test('becomes a version when nothing stands against it', async () => {
    await admin('POST', versions, { schema: plain })
    const { json } = await admin('POST', versions, { schema: record(optional('b')) })
    expect(json).toMatchObject({ version: 2, id: schemaNumber(record(optional('b'))) })
    const [line] = await desk.store.select('audit', {}, { order: { by: 'id', down: true }, limit: 1 })
    expect(line).toMatchObject({ actor: 'deploy', action: 'registry', target: subject, detail: 'version 2' })
  })

  test('is not taken for another schema that has the same number', async () => {
    await desk.store.commit([{ insert: 'schemas', row: { number: schemaNumber(plain), type: 'x', text: '"int"' } }])
    const { status, json } = await admin('POST', versions, { schema: plain })
    expect([status, json.error_code]).toEqual([500, 50001])
    expect((await anybody('GET', '/subjects')).json).toEqual([])
  })

  test('gets one version each, however many come at once', async () => {
    const schemas = ['b', 'c', 'd', 'e'].map((name) => record(optional(name)))
    await admin('PUT', '/config', { compatibility: 'NONE' })
    const answers = await Promise.all([...schemas, ...schemas].map((schema) => admin('POST', versions, { schema })))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect((await anybody('GET', versions)).json).toEqual([1, 2, 3, 4])
  })

  test('is refused in mode READONLY', async () => {
    await admin('PUT', `/mode/${subject}`, { mode: 'READONLY' })
    expect((await admin('POST', versions, { schema: plain })).json.error_code).toBe(42205)
    await admin('DELETE', `/mode/${subject}`)
    expect((await admin('POST', versions, { schema: plain })).status).toBe(200)
  })
})

describe('levels', () => {
  /** May the second follow the first? Backward: no field without default comes. Forward: none goes. */
  const changes = [
    { what: 'an optional field comes', from: plain, to: record(optional('b')), backward: true, forward: true },
    { what: 'a needed field comes', from: plain, to: withNumber, backward: false, forward: true },
    { what: 'a needed field goes', from: withNumber, to: plain, backward: true, forward: false },
    {
      what: 'a type changes',
      from: withNumber,
      to: record({ name: 'n', type: 'boolean' }),
      backward: false,
      forward: false,
    },
  ]
  const holds = (level: string, { backward, forward }: (typeof changes)[number]): boolean =>
    level === 'NONE' || ((backward || !/^(BACKWARD|FULL)/.test(level)) && (forward || !/^(FORWARD|FULL)/.test(level)))

  test.each(compatibilityLevels)('%s', async (level) => {
    expect((await admin('PUT', '/config', { compatibility: level })).json).toEqual({ compatibility: level })
    for (const [at, change] of changes.entries()) {
      await admin('POST', `/subjects/s${at}/versions`, { schema: change.from })
      const expected = holds(level, change)
      const asked = await anybody('POST', `/compatibility/subjects/s${at}/versions/latest?verbose=true`, {
        schema: change.to,
      })
      expect([change.what, asked.json.is_compatible]).toEqual([change.what, expected])
      expect(asked.json.messages.length > 0).toBe(!expected)
      expect((await admin('POST', `/subjects/s${at}/versions`, { schema: change.to })).status).toBe(
        expected ? 200 : 409,
      )
    }
  })

  test.each([
    ['BACKWARD', 200],
    ['BACKWARD_TRANSITIVE', 409],
  ])('%s looks at the newest version, or at all of them', async (level, status) => {
    const number = record({ name: 'b', type: ['null', 'int'], default: null })
    for (const schema of [record(optional('b')), plain]) await admin('POST', versions, { schema })
    await admin('PUT', `/config/${subject}`, { compatibility: level })
    expect((await admin('POST', versions, { schema: number })).status).toBe(status)
  })

  test('and modes that are set at once do not undo each other', async () => {
    await Promise.all([
      admin('PUT', `/config/${subject}`, { compatibility: 'FULL' }),
      admin('PUT', `/mode/${subject}`, { mode: 'READONLY' }),
    ])
    expect((await anybody('GET', `/config/${subject}`)).json).toEqual({ compatibilityLevel: 'FULL' })
    expect((await anybody('GET', `/mode/${subject}`)).json).toEqual({ mode: 'READONLY' })
  })

  test('stand for one subject or for all, and an own one can be taken away', async () => {
    expect((await anybody('GET', '/config')).json).toEqual({ compatibilityLevel: 'BACKWARD' })
    expect((await anybody('GET', `/config/${subject}`)).json.error_code).toBe(40408)
    await admin('PUT', '/config', { compatibility: 'FULL' })
    await admin('PUT', `/config/${subject}`, { compatibility: 'NONE' })
    expect((await anybody('GET', `/config/${subject}`)).json).toEqual({ compatibilityLevel: 'NONE' })
    expect((await admin('DELETE', `/config/${subject}`)).json).toEqual({ compatibilityLevel: 'NONE' })
    expect((await anybody('GET', `/config/${subject}?defaultToGlobal=true`)).json).toEqual({
      compatibilityLevel: 'FULL',
    })
    expect((await admin('PUT', '/config', { compatibility: 'SOME' })).json.error_code).toBe(42203)
    expect((await admin('PUT', '/mode', { mode: 'IMPORT' })).json.error_code).toBe(42204)
    expect((await anybody('GET', `/mode/${subject}`)).json.error_code).toBe(40409)
    expect((await anybody('GET', '/mode')).json).toEqual({ mode: 'READWRITE' })
    expect((await anybody('PUT', '/config', { compatibility: 'NONE' })).json.error_code).toBe(42205)
  })
})

describe('what is registered', () => {
  const id = schemaNumber(plain)
  beforeEach(async () => {
    await admin('POST', versions, { schema: plain })
    await admin('POST', versions, { schema: record(optional('b')) })
    await admin('POST', '/subjects/other-key/versions', { schema: plain })
  })

  test('is found by its id and its GUID', async () => {
    const guid = schemaGuid(plain)
    expect((await anybody('GET', `/schemas/ids/${id}`)).json).toEqual({ schema: plain, guid })
    expect((await anybody('GET', `/schemas/guids/${guid}`)).json).toEqual({ schema: plain, guid })
    expect((await anybody('GET', `/schemas/guids/${guid}/ids`)).json).toEqual([{ context: '.', id }])
    expect((await anybody('GET', `/schemas/ids/${id}/schema`)).json).toEqual(JSON.parse(plain))
    expect((await anybody('GET', `/schemas/ids/${id}/subjects`)).json).toEqual([subject, 'other-key'])
    expect((await anybody('GET', `/schemas/ids/${id}/versions`)).json).toEqual([
      { subject, version: 1 },
      { subject: 'other-key', version: 1 },
    ])
    const near = guid.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    expect((await anybody('GET', `/schemas/guids/${near}`)).json.error_code).toBe(40403)
    for (const wrong of [1, 'x', '99999999999']) {
      expect((await anybody('GET', `/schemas/ids/${wrong}`)).json.error_code).toBe(40403)
    }
  })

  test('is found by subject and version, latest and -1 too', async () => {
    const first = { subject, version: 1, id, guid: schemaGuid(plain), schema: plain }
    expect((await anybody('GET', `${versions}/1`)).json).toEqual(first)
    expect((await anybody('GET', `${versions}/latest`)).json.version).toBe(2)
    expect((await anybody('GET', `${versions}/-1/schema`)).json).toEqual(JSON.parse(record(optional('b'))))
    expect((await anybody('GET', `${versions}/1/referencedby`)).json).toEqual([])
    expect((await anybody('POST', `/subjects/${subject}`, { schema: plain })).json).toEqual(first)
    expect((await anybody('POST', `/subjects/${subject}`, { schema: withNumber })).json.error_code).toBe(40403)
    expect((await anybody('POST', '/subjects/none', { schema: plain })).json.error_code).toBe(40401)
    expect((await anybody('GET', `${versions}/3`)).json.error_code).toBe(40402)
    expect((await anybody('GET', `${versions}/0`)).json.error_code).toBe(42202)
    expect((await anybody('GET', '/subjects/none/versions')).json.error_code).toBe(40401)
    expect((await anybody('GET', '/subjects?subjectPrefix=oth')).json).toEqual(['other-key'])
    expect((await anybody('GET', '/schemas?latestOnly=true')).json).toMatchObject([
      { version: 2 },
      { subject: 'other-key' },
    ])
  })

  test('can be hidden and taken away, and stays readable by id for ever', async () => {
    expect((await anybody('DELETE', `${versions}/2`)).json.error_code).toBe(42205)
    expect((await admin('DELETE', `${versions}/2?permanent=true`)).json.error_code).toBe(40407)
    expect((await admin('DELETE', `${versions}/2`)).json).toBe(2)
    expect((await admin('DELETE', `${versions}/2`)).json.error_code).toBe(40406)
    expect((await anybody('GET', versions)).json).toEqual([1])
    expect((await anybody('GET', `${versions}?deleted=true`)).json).toEqual([1, 2])
    expect((await admin('DELETE', `/subjects/${subject}?permanent=true`)).json.error_code).toBe(40405)
    expect((await admin('DELETE', `/subjects/${subject}`)).json).toEqual([1])
    expect((await admin('DELETE', `/subjects/${subject}`)).json.error_code).toBe(40404)
    expect((await anybody('GET', '/subjects')).json).toEqual(['other-key'])
    expect((await anybody('GET', '/subjects?deletedOnly=true')).json).toEqual([subject])
    expect((await admin('DELETE', `/subjects/${subject}?permanent=true`)).json).toEqual([1, 2])
    expect((await admin('DELETE', `/subjects/${subject}`)).json.error_code).toBe(40401)
    expect((await anybody('GET', `/schemas/ids/${id}`)).status).toBe(200)
    expect((await admin('POST', versions, { schema: plain })).json.version).toBe(3)
  })
})

describe('requests', () => {
  test('are answered in the type they ask for', async () => {
    const types = ['application/vnd.schemaregistry.v1+json', 'application/vnd.schemaregistry+json', 'application/json']
    for (const type of types)
      expect(await desk.ask({ path: '/schemas/types', accept: `text/x, ${type}` })).toMatchObject({ type })
    expect(await desk.ask({ path: '/contexts', accept: '*/*' })).toEqual({ status: 200, type: types[0], json: ['.'] })
    for (const contentType of [...types, 'application/octet-stream', 'application/json; charset=utf-8'])
      expect(await desk.ask({ method: 'POST', path: versions, contentType, body: Buffer.from('{}') })).toMatchObject({
        status: 422,
      })
  })

  test('that cannot be understood say so with a number', async () => {
    const post = { method: 'POST', path: versions }
    expect((await desk.ask({ ...post, contentType: 'text/plain', body: Buffer.from('{}') })).json.error_code).toBe(415)
    expect((await desk.ask({ ...post, body: Buffer.from('[]') })).json.error_code).toBe(400)
    expect((await desk.ask({ path: '/nowhere/at/all' })).json.error_code).toBe(404)
    expect((await desk.ask({ method: 'DELETE', path: '/schemas/types' })).json.error_code).toBe(405)
    expect(await desk.ask({ path: '/' })).toMatchObject({ status: 200, json: {} })
    expect((await desk.ask({ path: '/v1/metadata/id' })).json.id).toBe('installation')
  })

  test('find a subject whose name is escaped, or that names the default context', async () => {
    await admin('POST', '/subjects/a%2Fb%20c-value/versions', { schema: plain })
    expect((await anybody('GET', '/subjects/:.:a%2Fb%20c-value/versions')).json).toEqual([1])
    expect((await anybody('GET', '/subjects')).json).toEqual(['a/b c-value'])
  })

  test('that meet a surprise learn nothing of it', async () => {
    const answered = await desk.ask({ caller: () => Promise.reject(new Error('secret')) })
    expect(answered).toMatchObject({
      status: 500,
      json: { error_code: 50001, message: expect.not.stringContaining('secret') },
    })
    expect(desk.reported).toEqual([new Error('secret')])
  })
})
