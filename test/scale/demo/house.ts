import { execFile } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Grounds, House } from '@shuniu/hub'
import { startCluster, type Cluster } from '@shuniu/infra/kafka/fixtures'
import { connectPostgres, openPostgresStore, type Database } from '@shuniu/infra/postgres'
import { startPostgres, type PostgresServer } from '@shuniu/infra/postgres/fixtures'
import { pause } from '../../processes/pause.ts'
import { shuniuOf } from '../../processes/program.ts'
import { root } from '../../processes/root.ts'
import { Member, type ProcessReport, type Role } from './members.ts'

const roles: readonly Role[] = ['ingress', 'ingress', 'orchestrator', 'orchestrator', 'orchestrator']

const ground = `
store: { postgres: "\${env:POSTGRES_URL}" }
log: { kafka: { brokers: ["\${env:KAFKA_BROKERS}"], durability: single } }
`

/** The hub in five processes, on a broker and a database of its own. */
export class ManyHubs implements House {
  /** Whether the one that was killed had calls open. */
  hadCallsOpen = false
  private members: Member[] = []
  private servers: { cluster: Cluster; postgres: PostgresServer; database: Database } | undefined
  private say: Grounds['say'] = () => undefined

  get url(): string {
    return this.members[0]?.url ?? ''
  }

  get urls(): readonly string[] {
    return this.members.filter(({ killed }) => !killed).map(({ url }) => url)
  }

  /** Where everything is, for programs of others. */
  get addresses(): Readonly<Record<string, unknown>> {
    const { cluster, postgres } = this.up
    return {
      hub: this.url,
      broker: cluster.addresses[0],
      registry: `${this.url}/registry`,
      postgres: postgres.url,
      metrics: this.urls.map((url) => `${url}/metrics`),
    }
  }

  async start({ folder, environment, say }: Grounds): Promise<void> {
    this.say = say
    say('Starting Kafka and PostgreSQL …', '正在启动 Kafka 和 PostgreSQL……')
    const [cluster, postgres] = await Promise.all([startCluster(1), startPostgres()])
    const database = connectPostgres({ url: postgres.url, connections: 2 })
    this.servers = { cluster, postgres, database }
    const project = join(folder, 'project')
    appendFileSync(join(project, 'hub.yaml'), ground)
    const around = { ...environment, POSTGRES_URL: postgres.url, KAFKA_BROKERS: cluster.addresses.join(',') }
    for (const words of [['migrate'], ['topics', 'apply']])
      await promisify(execFile)(process.execPath, [shuniuOf(root), ...words, '--project', project], { env: around })
    say('Starting two ingress and three orchestrator processes …', '正在启动两个接入进程和三个编排进程……')
    const args = ['--project', project, '--port', '0', '--log-level', 'error']
    this.members = await Promise.all(roles.map((role) => Member.start(role, args, around)))
  }

  /** A worker dies with calls open, and the broker is gone for a while. */
  async strike(): Promise<void> {
    const victim = await this.busiest()
    this.say(
      '\n⚡ kill -9: an orchestrator dies in the middle of its calls, and the broker with it …',
      '\n⚡ kill -9：一个编排进程在调用途中被强制终止，Kafka 节点也同时停机……',
    )
    const held = await this.partsOf(victim)
    await Promise.all([victim.kill(), this.broker.kill()])
    await pause(3_000)
    await this.broker.start()
    await this.takenOver(held)
    this.say('  … the others have taken over, and the broker is back.', '  ……其余进程已接管，Kafka 节点已恢复。')
  }

  async report(): Promise<readonly ProcessReport[]> {
    await Promise.all(this.members.map((member) => member.look()))
    return this.members.map((member) => member.report())
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()))
    await this.servers?.database.close()
    await Promise.all([this.servers?.cluster.close(), this.servers?.postgres.stop()])
  }

  private get up(): { cluster: Cluster; postgres: PostgresServer; database: Database } {
    if (!this.servers) throw new Error('the servers were not started')
    return this.servers
  }

  private get broker(): Cluster['brokers'][number] {
    const [broker] = this.up.cluster.brokers
    if (!broker) throw new Error('the cluster has no broker')
    return broker
  }

  /** An orchestrator with calls under way, as soon as there is one; any of them, if there is none for long. */
  private async busiest(): Promise<Member> {
    const workers = this.members.filter(({ role }) => role === 'orchestrator')
    for (let look = 0; look < 100; look++) {
      for (const worker of workers) {
        if ((await worker.openCalls()) === 0) continue
        this.hadCallsOpen = true
        return worker
      }
      await pause(50)
    }
    const [any] = workers
    if (!any) throw new Error('there is no orchestrator')
    return any
  }

  private async owners(): Promise<ReadonlyMap<number, string>> {
    const rows = await openPostgresStore(this.up.database, 0).select('leases', {})
    return new Map(rows.map(({ part, owner }) => [part, owner ?? '']))
  }

  private async partsOf({ pid }: Member): Promise<readonly number[]> {
    return [...(await this.owners())].flatMap(([part, owner]) => (owner.startsWith(`pid-${pid}-`) ? part : []))
  }

  /** Until each of these partitions has another owner. */
  private async takenOver(parts: readonly number[]): Promise<void> {
    const living = this.members.filter(({ killed }) => !killed)
    for (let look = 0; look < 300; look++) {
      const owners = await this.owners()
      const taken = parts.map((part) => living.find(({ pid }) => owners.get(part)?.startsWith(`pid-${pid}-`)))
      if (taken.every((owner) => owner !== undefined)) {
        for (const owner of taken) owner.takeovers++
        return
      }
      await pause(100)
    }
    throw new Error('nobody took over')
  }
}
