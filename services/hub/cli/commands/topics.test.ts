import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { contract, encode, eventIdText, frame, sampleOf, toHeaders, Instant } from '@shuniu/contracts'
import {
  makeAuthority,
  missing,
  startCluster,
  startSecuredCluster,
  withoutBroker,
  type Cluster,
  type SecuredCluster,
} from '@shuniu/infra/kafka/fixtures'
import { openKafka } from '@shuniu/infra/kafka'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { schemaId } from '../../schemas.ts'
import { addresses, copyOfExample, example, shuniu, type Ran } from '../testing.ts'

const environment = { ...addresses, POSTGRES_URL: 'postgres://hub:secret@127.0.0.1:1/x', OTHER_CA: '' }
const topic = 'approval.payment.approved.v1'

test('a project with the embedded log has no topics', async () => {
  const { code, err } = await shuniu(['topics', 'plan', '--project', example], { environment })
  expect([code, err]).toEqual([1, expect.stringContaining('topics.embedded')])
}, 60_000)

let folder: { path: string; remove(): void }
beforeEach(() => void (folder = copyOfExample()))
afterEach(() => folder.remove())

/** Runs `topics …` on the example, on this cluster. */
function topics(brokers: string, prefix: string, ...words: string[]): Promise<Ran> {
  const kafka = `{ brokers: ["${brokers}"], prefix: ${prefix}, durability: single, partitions: 2 }`
  appendFileSync(
    join(folder.path, 'hub.yaml'),
    `store: { postgres: "\${env:POSTGRES_URL}" }\nlog: { kafka: ${kafka} }\n`,
  )
  return shuniu(['topics', ...words, '--project', folder.path], { environment })
}

test('the rights are printed as commands, without a cluster', async () => {
  const { code, out } = await topics('kafka-1:9092', 'acme.', 'plan', '--acl', '--readers', 'finance')
  expect(code).toBe(0)
  const lines = out.trim().split('\n')
  const where = 'kafka-acls.sh --bootstrap-server kafka-1:9092 --command-config admin.properties --add'
  const allow = (user: string, operation: string) => `${where} --allow-principal User:${user} --operation ${operation}`
  expect(lines).toEqual(
    expect.arrayContaining([
      `${allow('shuniu-ingress', 'Write')} --topic acme.${topic}`,
      `${allow('shuniu-orchestrator', 'Read')} --topic acme.${topic}`,
      `${allow('shuniu-orchestrator', 'Write')} --topic acme.${topic}.orchestrator.dlq`,
      `${allow('shuniu-orchestrator', 'Read')} --group acme.orchestrator`,
      `${allow('finance', 'Read')} --topic acme.${topic}`,
      `${allow('finance', 'Read')} --group finance --resource-pattern-type prefixed`,
    ]),
  )
  expect(out).not.toContain(`${allow('shuniu-ingress', 'Read')} --topic acme.${topic}`)
  expect(new Set(lines).size).toBe(lines.length)
})

test('a cluster that is away is said, not waited for without end', async () => {
  const { code, err } = await topics('127.0.0.1:9', 'away.', 'plan')
  expect([code, err]).toEqual([69, expect.stringContaining('log.unreachable')])
}, 30_000)

describe.skipIf(missing !== '')(`topics of a project on Kafka${withoutBroker}`, () => {
  let cluster: Cluster
  let brokers: string
  beforeAll(async () => {
    cluster = await startCluster(1)
    brokers = cluster.addresses.join(',')
  }, 120_000)
  afterAll(() => cluster.close())

  test('plan says what is missing and ends with 2, apply makes it, and then plan ends with 0', async () => {
    const before = await topics(brokers, 'one.', 'plan')
    expect([before.code, before.out]).toEqual([2, expect.stringContaining(`+ one.${topic} (2 × 1)`)])
    const json = await shuniu(['topics', 'apply', '--project', folder.path, '--json'], { environment })
    expect(json.code).toBe(0)
    expect(JSON.parse(json.out).changes).toContainEqual(
      expect.objectContaining({ is: 'create', topic: `one.${topic}` }),
    )
    const after = await shuniu(['topics', 'plan', '--project', folder.path, '--json'], { environment })
    expect([after.code, JSON.parse(after.out)]).toEqual([0, expect.objectContaining({ changes: [], problems: [] })])
    const told = await shuniu(['topics', 'plan', '--project', folder.path], { environment })
    expect(told.out).toMatch(/^one\.approval\.payment\.approved\.v1 +\S+ +2 +1 +0 +90d +–$/m)
  })

  test('tail shows people what is in a topic, also what nobody can read', async () => {
    await topics(brokers, 'two.', 'apply')
    const kafka = await openKafka({ brokers: cluster.addresses }, () => undefined)
    const its = contract('approval.payment.approved')
    const data = sampleOf(its)
    const id = eventIdText(Buffer.alloc(16, 7))
    const time = new Instant(Date.parse('2026-01-05T03:30:00Z'))
    const head = {
      id,
      type: its.type,
      topic,
      key: 'A-1',
      time,
      source: '/connections/x',
      subject: 'A-1',
      correlation: id,
      data,
    }
    const value = frame(schemaId(its), encode(its, data))
    await kafka.send(`two.${topic}`, 0, [
      { key: 'A-1', value, headers: toHeaders(head) },
      { key: 'A-2', value: Buffer.from('not framed'), headers: {} },
    ])
    await kafka.close()
    const told = await shuniu(['topics', 'tail', topic, '--no-follow', '--project', folder.path], { environment })
    expect(told.code).toBe(0)
    expect(told.out).toMatch(/^0:0 +2026-01-05T03:30:00.000Z +approval\.payment\.approved +A-1\n +\{.*"approvalId":/m)
    expect(told.out).toMatch(/^0:1 .*A-2\n +\S.*frame/m)
    const last = ['topics', 'tail', topic, '--no-follow', '--last', '1', '--json', '--project', folder.path]
    const lines = (await shuniu(last, { environment })).out.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        offset: 1,
        key: 'A-2',
        error: expect.objectContaining({ code: 'event.unknown-frame' }),
      }),
    ])
  })

  test('a topic that is not there is not made by looking', async () => {
    const { code, err } = await topics(brokers, 'three.', 'tail', topic, '--no-follow')
    expect([code, err]).toEqual([1, expect.stringContaining('log.topic-missing')])
  })
})

describe.skipIf(missing !== '')(`a project that says how Kafka is secured${withoutBroker}`, () => {
  let cluster: SecuredCluster
  beforeAll(async () => void (cluster = await startSecuredCluster({ hub: 'hubs-secret' })), 120_000)
  afterAll(() => cluster.close())

  function secured(password: string, ca = '${file:ca.pem}', user = 'hub'): Promise<Ran> {
    writeFileSync(join(folder.path, 'ca.pem'), cluster.authority.cert)
    writeFileSync(join(folder.path, 'password'), password)
    const sasl = `{ username: ${user}, password: "\${file:password}" }`
    const how = `durability: single, tls: { ca: "${ca}" }, sasl: ${sasl}`
    const kafka = `{ brokers: ["${cluster.addresses.join(',')}"], ${how} }`
    appendFileSync(
      join(folder.path, 'hub.yaml'),
      `store: { postgres: "\${env:POSTGRES_URL}" }\nlog: { kafka: ${kafka} }\n`,
    )
    return shuniu(['topics', 'apply', '--project', folder.path], { environment })
  }

  test('reaches it by the files it names', async () => {
    expect((await secured('admins-secret', undefined, 'admin')).code).toBe(0)
    const again = await shuniu(['topics', 'plan', '--project', folder.path], { environment })
    expect(again.code).toBe(0)
  })

  test.each([
    ['a user without rights', () => secured('hubs-secret'), 'log.forbidden'],
    ['a wrong password', () => secured('wrong-secret'), 'log.login'],
    ['no CA of ours', () => secured('hubs-secret', '${env:OTHER_CA}'), 'log.untrusted'],
  ])(
    '%s is said in a word, without secrets',
    async (_, command, code) => {
      const other = makeAuthority('somebody-else')
      environment.OTHER_CA = other.cert
      const { code: ended, out, err } = await command()
      other.remove()
      expect([ended, err]).toEqual([1, expect.stringContaining(code)])
      expect(out + err).not.toMatch(/-secret|BEGIN/)
    },
    30_000,
  )
})
