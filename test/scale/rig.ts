import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connectPostgres, migratePostgres, openPostgresStore, type Database } from '@shuniu/infra/postgres'
import type { Store } from '@shuniu/infra/store'
import type { TestContext } from 'vitest'
import { shuniuOf, startProgram, type Program } from '../processes/program.ts'
import { root } from '../processes/root.ts'
import { act } from '../scenarios/append.ts'
import { openSystems, type RigOptions, type Systems } from '../scenarios/rig.ts'
import type { Published, Servers } from './servers.ts'

let rigs = 0

/** How hub.yaml says it; everything else of the project is as it was. */
const ground = (schema: string, prefix: string): string => `
store: { postgres: "\${env:POSTGRES_URL}", schema: ${schema} }
log: { kafka: { brokers: ["\${env:KAFKA_BROKERS}"], prefix: ${prefix}, durability: single } }
`

export interface ScaleOptions extends RigOptions {
  /** Leave out what somebody else has to do first: then the hub waits for it. */
  readonly without?: readonly ('tables' | 'topics')[]
}

/** The simulators, a hub of its own process, and rows and topics of its own on the servers they share. */
export class ScaleRig {
  /** Reads as any other program on the database could. */
  readonly rows: Pick<Store, 'select' | 'tally'>
  private program: Program | undefined
  private readonly others: Program[] = []

  private constructor(
    readonly servers: Servers,
    readonly systems: Systems,
    private readonly place: { readonly url: string; readonly schema: string },
    private readonly database: Database,
    readonly prefix: string,
  ) {
    this.rows = openPostgresStore(database, 0)
  }

  /** For one test; everything of it is gone when it has ended. */
  static async for(
    { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
    servers: Servers,
    options: ScaleOptions = {},
  ): Promise<ScaleRig> {
    const name = `r${process.pid}_${++rigs}`
    const [place, prefix] = [{ url: servers.postgres.url, schema: name }, `${name}.`]
    const systems = await openSystems({
      ...options,
      environment: { ...options.environment, POSTGRES_URL: place.url, KAFKA_BROKERS: servers.brokers },
      edit(project) {
        project.write('hub.yaml', project.read('hub.yaml') + ground(name, prefix))
        options.edit?.(project)
      },
    })
    const connected = connectPostgres({ ...place, connections: 2 })
    const rig = new ScaleRig(servers, systems, place, connected, prefix)
    onTestFinished(async () => {
      await Promise.all([rig.hub, ...rig.others].map((program) => program?.end('SIGKILL')))
      await connected.close()
      await systems.close()
    })
    if (!options.without?.includes('tables')) await rig.migrate()
    if (!options.without?.includes('topics')) await rig.makeTopics()
    return rig
  }

  get hub(): Program | undefined {
    return this.program
  }

  async migrate(): Promise<void> {
    await migratePostgres(this.place)
  }

  /** Somebody else changes a row. */
  async tell(sql: string): Promise<void> {
    const session = await this.database.session()
    for (const one of ['BEGIN READ WRITE', sql, 'COMMIT']) {
      const reply = await session.send(one)
      if ('error' in reply) throw reply.error
    }
    session.release()
  }

  makeTopics(): Promise<void> {
    return this.servers.makeTopics(this.prefix, this.systems.project.dir, this.systems.environment)
  }

  /** Starts a hub on these rows and topics, in the place of one that is gone. */
  start(...more: readonly string[]): Promise<Program> {
    return this.launch(0, ...more)
  }

  /** What a command of the project prints as JSON; rejects when it fails. */
  async command<T = unknown>(...words: readonly string[]): Promise<T> {
    const { project, environment } = this.systems
    const hub = this.program ? { SHUNIU_HUB: this.program.url } : {}
    const args = [shuniuOf(root), ...words, '--project', project.dir, '--json']
    const env = { ...process.env, ...environment, ...hub }
    const { stdout } = await promisify(execFile)(process.execPath, args, { env })
    return JSON.parse(stdout) as T
  }

  /** A hub at this port, which may have to wait for something; it resolves when it is ready. */
  async launch(port: number, ...more: readonly string[]): Promise<Program> {
    this.program = await this.launched(port, more)
    return this.program
  }

  /** One more hub beside those that run, on the same rows and topics. */
  async another(...more: readonly string[]): Promise<Program> {
    const program = await this.launched(0, more)
    this.others.push(program)
    return program
  }

  private launched(port: number, more: readonly string[]): Promise<Program> {
    const { project, folder, environment } = this.systems
    const args = ['start', '--project', project.dir, '--data', join(folder, 'unused'), '--port', String(port)]
    return startProgram({
      script: shuniuOf(root),
      args: [...args, '--log-level', 'info', ...more],
      environment: { ...process.env, ...environment, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
      log: this.logFile,
    })
  }

  /** What its hubs have said on stderr. */
  get said(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : ''
  }

  private get logFile(): string {
    return join(this.systems.folder, 'hub.log')
  }

  approve(push = true): Promise<{ readonly id: string; readonly number: string }> {
    return act(this.systems.dingtalk.url, 'approved-payment', { seed: 1, department: '市场部', push })
  }

  /** How its deliveries stand: `{ 'done': 40 }`. */
  async runs(): Promise<Record<string, number>> {
    const rows = await this.rows.select('runs', { flow: { not: '' } })
    const words = rows.map(({ kind, state, reason }) =>
      [kind === 'flow' ? '' : kind, state, reason].filter(Boolean).join(' '),
    )
    return Object.fromEntries(
      Object.entries(Object.groupBy(words, (word) => word)).map(([word, all]) => [word, all?.length ?? 0]),
    )
  }

  eventsOn(type: string): Promise<readonly Published[]> {
    return this.servers.eventsOn(this.prefix, type)
  }
}
