import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, connect, type AddressInfo } from 'node:net'
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
  type AclEntry,
} from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeAuthority, type Authority } from '../fixtures/certificates.ts'
import { anEvent, eventLogSuite } from '../log/suite.ts'
import { openKafka } from './driver.ts'
import { missing, withoutBroker } from './fixtures/jars.ts'
import { startSecuredCluster, type SecuredCluster } from './fixtures/secured.ts'
import { openSetting, type Setting } from './fixtures/setting.ts'
import type { KafkaDriver, KafkaSecurity, KafkaSettings } from './port.ts'
import { rightsFor, type Right } from './topic-rights.ts'

const topic = 'approval.payment.approved.v1'
const user = { username: 'hub', password: 'hubs-secret' }

describe.skipIf(missing !== '')(`Kafka behind TLS, logins and rights${withoutBroker}`, () => {
  let cluster: SecuredCluster
  let stranger: Authority
  const opened: { close(): Promise<void> }[] = []
  beforeAll(async () => {
    cluster = await startSecuredCluster({ hub: user.password, guest: 'guests-secret', changing: 'before' })
    stranger = makeAuthority('stranger')
  }, 120_000)
  afterEach(async () => void (await Promise.all(opened.splice(0).map((one) => one.close()))))
  afterAll(async () => {
    await cluster.close()
    stranger.remove()
  })

  const tls = (): KafkaSecurity['tls'] => ({ ca: cluster.authority.cert })
  const asHub = (): KafkaSettings => ({ brokers: cluster.addresses, security: () => ({ tls: tls(), sasl: user }) })

  async function openAs(security: () => KafkaSecurity, brokers = cluster.addresses): Promise<KafkaDriver> {
    const kafka = await openKafka({ brokers, security, requestTimeout: 5_000 }, () => undefined)
    opened.push(kafka)
    return kafka
  }

  async function asAdmin<T>(work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
    const { authority, addresses, admin } = cluster
    const sasl = { mechanism: 'scram-sha-512', ...(admin.security?.().sasl ?? user) } as const
    const ssl = { ca: authority.cert }
    const kafka = new Kafka({ brokers: [...addresses], ssl, sasl, logLevel: logLevel.NOTHING })
    const connected = kafka.admin()
    await connected.connect()
    return work(connected).finally(() => connected.disconnect())
  }

  const grant = (rights: readonly Right[]): Promise<boolean> =>
    asAdmin((admin) => admin.createAcls({ acl: rights.map(aclOf) }))

  /** What `topics plan --acl` prints is all that the log is given. */
  async function granted(topics: Readonly<Record<string, number>>): Promise<Setting> {
    const made = await openSetting(cluster.admin, topics)
    const wanted = { topics: Object.keys(topics), prefix: made.prefix }
    const terms = { partitions: 1, replication: 1, durability: 'single', retention: undefined } as const
    const users = { ingress: 'hub', orchestrator: 'hub', readers: [] }
    for (const reader of ['intake', 'audit', 'one', 'other'])
      await grant(rightsFor({ ...wanted, ...terms, reader }, users))
    return made.reopen(asHub())
  }

  describe('with the rights that are printed, and no others', () => {
    eventLogSuite(() => granted({ [topic]: 1, 'other.v1': 1 }))
  })

  test('without rights it is said what is not allowed', async () => {
    const made = await openSetting(cluster.admin, { [topic]: 1 })
    opened.push(made)
    const guest = await openAs(() => ({ tls: tls(), sasl: { username: 'guest', password: 'guests-secret' } }))
    const sending = guest.send(made.prefix + topic, 0, [{ key: 'A', value: Buffer.from('x'), headers: {} }])
    await expect(sending).rejects.toMatchObject({ code: expect.stringMatching(/^log\.(forbidden|topic-missing)$/) })
  })

  test('a certificate of ours is a login too', async () => {
    const made = await openSetting(cluster.admin, { [topic]: 1 })
    opened.push(made)
    const { cert, key } = cluster.authority.sign('hub-by-certificate', [])
    const mutual = await openAs(() => ({ tls: { ...tls(), cert, key } }), [cluster.mutual])
    const right = {
      user: 'CN=hub-by-certificate',
      resource: 'topic',
      name: made.prefix + topic,
      pattern: 'literal',
    } as const
    await grant([
      { ...right, operation: 'Write' },
      { ...right, operation: 'Describe' },
    ])
    await mutual.send(made.prefix + topic, 0, [{ key: 'A', value: Buffer.from('x'), headers: {} }])
    expect((await made.kafka.extents(made.prefix + topic)).get(0)?.end).toBe(1)
    await expect(openAs(() => ({ tls: tls() }), [cluster.mutual])).rejects.toMatchObject({
      code: expect.stringMatching(/^log\.(untrusted|unreachable)$/),
    })
  }, 40_000)

  describe('what is wrong is said at once, without secrets', () => {
    const secrets = /hubs-secret|wrong-secret|PRIVATE KEY/
    test.each<[string, string, () => KafkaSecurity, string]>([
      ['a CA that did not sign', 'log.untrusted', () => ({ tls: { ca: stranger.cert }, sasl: user }), '127.0.0.1'],
      ['a name that is not in the certificate', 'log.untrusted', () => ({ tls: tls(), sasl: user }), 'localhost'],
      [
        'a wrong password',
        'log.login',
        () => ({ tls: tls(), sasl: { ...user, password: 'wrong-secret' } }),
        '127.0.0.1',
      ],
      ['a user nobody knows', 'log.login', () => ({ tls: tls(), sasl: { ...user, username: 'x' } }), '127.0.0.1'],
      ['no encryption', 'log.unreachable', () => ({}), '127.0.0.1'],
    ])(
      '%s: %s',
      async (_, code, security, host) => {
        const said: unknown[] = []
        const counted = await countingProxy(Number(cluster.addresses[0]?.split(':')[1]))
        const address = `${host}:${counted.port}`
        const opening = openKafka(
          { brokers: [address], security, requestTimeout: 2_000 },
          (...words) => void said.push(words),
        )
        const error: unknown = await opening.catch((one: unknown) => one)
        expect(error).toMatchObject({ code })
        expect(counted.connections()).toBeLessThan(15)
        await counted.close()
        expect(JSON.stringify([said, String(error), Object(error).parameters])).not.toMatch(secrets)
      },
      30_000,
    )
  })

  test('a reader whose password is not accepted any more asks seldom, and goes on when it is changed', async () => {
    const file = `${cluster.authority.certFile}.password`
    writeFileSync(file, user.password)
    const password = (): string => readFileSync(file, 'utf8')
    const setting = await granted({ [topic]: 1 })
    opened.push(setting)
    const again = await setting.reopen({
      brokers: cluster.addresses,
      security: () => ({ tls: tls(), sasl: { ...user, password: password() } }),
    })
    opened.push(again)
    writeFileSync(file, 'wrong-secret')
    const times: number[] = []
    const subscription = await again.log.subscribe('intake', [topic], async ({ records, moved }) => {
      times.push(...records.map(({ time }) => time))
      await again.store.commit([moved])
    })
    await setting.log.append([anEvent(1)])
    await expect
      .poll(() => again.reports.filter((one) => one.includes('begins again')).length, { timeout: 10_000 })
      .toBe(1)
    expect(times).toEqual([])
    writeFileSync(file, user.password)
    await expect.poll(() => times, { timeout: 20_000 }).toEqual([1])
    expect(again.reports.filter((one) => one.includes('begins again'))).toHaveLength(1)
    await subscription.close()
  }, 60_000)
})

const operations = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Describe: AclOperationTypes.DESCRIBE,
}

function aclOf({ operation, resource, name, pattern, ...right }: Right): AclEntry {
  return {
    principal: `User:${right.user}`,
    host: '*',
    operation: operations[operation],
    permissionType: AclPermissionTypes.ALLOW,
    resourceType: resource === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
    resourceName: name,
    resourcePatternType: pattern === 'literal' ? ResourcePatternTypes.LITERAL : ResourcePatternTypes.PREFIXED,
  }
}

/** Counts who comes. */
async function countingProxy(target: number) {
  let connections = 0
  const server = createServer((client) => {
    connections++
    const broker = connect(target, '127.0.0.1')
    client.pipe(broker).pipe(client)
    client.on('error', () => broker.destroy())
    broker.on('error', () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () => new Promise<void>((resolve) => void (server.close(() => resolve()), server.unref(), resolve())),
  }
}
