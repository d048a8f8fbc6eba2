import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadProject } from './project.ts'

let dir: string
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'shuniu-ground-'))))
afterEach(() => rmSync(dir, { recursive: true }))

const environment = {
  POSTGRES_URL: 'postgres://hub:s3cret%21@db:5432/shuniu?sslmode=verify-full',
  BROKERS: 'kafka-1:9092, kafka-2:9092',
}

function load(yaml: string) {
  writeFileSync(join(dir, 'hub.yaml'), `name: here\n${yaml}`)
  return loadProject(dir, { environment })
}

async function wrongWith(yaml: string): Promise<string[]> {
  const { problems } = await load(yaml)
  return problems.map(({ error }) => `${error.place?.line}:${error.place?.column} ${error.code}`)
}

const kafka = 'log: { kafka: { brokers: [kafka-1:9092] } }\n'
const postgres = 'store: { postgres: "${env:POSTGRES_URL}" }\n'

test('everything is embedded unless hub.yaml says otherwise', async () => {
  const { project, problems } = await load('')
  expect([project.hub.store, project.hub.log, problems]).toEqual(['embedded', 'embedded', []])
})

test('store and log by reference, with the rest filled in; the address and its password are secrets', async () => {
  const { project, problems } = await load(`${postgres}log: { kafka: { brokers: ["\${env:BROKERS}", "[::1]:9092"] } }`)
  expect(problems).toEqual([])
  expect(project.hub.store).toMatchObject({ url: environment.POSTGRES_URL, schema: 'shuniu', connections: 10 })
  expect(project.hub.log).toMatchObject({ brokers: ['kafka-1:9092', 'kafka-2:9092', '[::1]:9092'], prefix: '' })
  expect(project.secrets.toSorted()).toEqual([environment.POSTGRES_URL, 's3cret!'])
})

test.each([
  ['one without the other', kafka, '1:1 config.half-scale'],
  ['the other without the one', postgres, '1:1 config.half-scale'],
  ['a wrong key', `${kafka}store: { postgres: "\${env:POSTGRES_URL}", shema: x }`, '3:43 config.unknown-key'],
  ['something else altogether', `${kafka}store: sqlite`, '3:8 config.not-allowed'],
  ['an address that is none', `${kafka}store: { postgres: "db:5432" }`, '3:20 config.bad-format'],
  ['a password in the file', `${kafka}store: { postgres: "postgres://hub:pw@db/x" }`, '3:20 config.secret-in-clear'],
  ['a variable that is not set', `${kafka}store: { postgres: "\${env:NOTHING}" }`, '3:21 config.missing-variable'],
  ['a broker without a port', `${postgres}log: { kafka: { brokers: [kafka-1] } }`, '3:27 config.bad-format'],
  ['no broker', `${postgres}log: { kafka: { brokers: [] } }`, '3:26 config.at-least'],
  ['a schema that is none', `${kafka}store: { postgres: "postgres://db/x", schema: "a b" }`, '3:47 config.bad-format'],
])('%s is said with its place', async (_, yaml, problem) => {
  expect(await wrongWith(yaml)).toEqual([problem])
})

test('the way to Kafka is secured by references, which are read again', async () => {
  const files = { 'ca.pem': 'their CA', 'hub.pem': 'our certificate', 'hub.key': 'our key', password: 'first pass' }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), `${text}\n`)
  const tls = 'tls: { ca: "${file:ca.pem}", cert: "${file:hub.pem}", key: "${file:hub.key}" }'
  const sasl = 'sasl: { username: hub, password: "${file:password}" }'
  const { project, problems } = await load(`${postgres}log: { kafka: { brokers: [k:9092], ${tls}, ${sasl} } }`)
  const { log } = project.hub
  if (log === 'embedded') throw new Error('not on Kafka')
  expect(problems).toEqual([])
  expect(log).toMatchObject({ partitions: 12, replication: 3, durability: 'replicated', retention: 90 * 86_400_000 })
  expect(log.security()).toEqual({
    tls: { ca: 'their CA', cert: 'our certificate', key: 'our key' },
    sasl: { username: 'hub', password: 'first pass' },
  })
  expect(project.secrets).toEqual(expect.arrayContaining(['our key', 'first pass']))
  writeFileSync(join(dir, 'password'), 'second pass\n')
  expect(log.security().sasl).toEqual({ username: 'hub', password: 'second pass' })
  rmSync(join(dir, 'password'))
  expect(log.security().sasl?.password).toBe('second pass')
})

test('what is not secured is neither encrypted nor logged in', async () => {
  const { project } = await load(`${postgres}${kafka}`)
  const { log } = project.hub
  expect(log === 'embedded' ? log : log.security()).toEqual({})
})

test.each([
  ['a password in the file', 'sasl: { username: hub, password: hunter2 }', 'config.secret-in-clear'],
  ['a certificate without its key', 'tls: { cert: "${env:BROKERS}" }', 'option.half-tls'],
  ['two copies', 'replication: 2', 'config.at-least'],
  ['no time at all', 'retention: 1m', 'config.at-least'],
])('%s is refused', async (_, part, code) => {
  const wrong = await wrongWith(`${postgres}log: { kafka: { brokers: [k:9092], ${part} } }`)
  expect(wrong).toEqual([expect.stringContaining(code)])
})
