import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectPostgres, migratePostgres, openPostgresStore } from '@shuniu/infra/postgres'
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
log: { kafka: { brokers: ["\${env:KAFKA_BROKERS}"], prefix: ${prefix} } }
`

export interface ScaleOptions extends RigOptions {
  /** Leave out what somebody else has to do first: then the hub waits for it. */
  readonly without?: readonly ('tables' | 'topics')[]
}

/** The simulators, a hub of its own process, and rows and topics of its own on the servers they share. */
export class ScaleRig {
  private program: Program | undefined

  private constructor(
    readonly servers: Servers,
    readonly systems: Systems,
    private readonly database: { readonly url: string; readonly schema: string },
    readonly prefix: string,
    /** Reads as any other program on the database could. */
    readonly rows: Pick<Store, 'select' | 'tally'>,
  ) {}

  /** For one test; everything of it is gone when it has ended. */
  static async for(
    { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
    servers: Servers,
    options: ScaleOptions = {},
  ): Promise<ScaleRig> {
    const name = `r${process.pid}_${++rigs}`
    const [database, prefix] = [{ url: servers.postgres.url, schema: name }, `${name}.`]
    const systems = await openSystems({
      ...options,
      environment: { ...options.environment, POSTGRES_URL: database.url, KAFKA_BROKERS: servers.brokers },
      edit(project) {
        project.write('hub.yaml', project.read('hub.yaml') + ground(name, prefix))
        options.edit?.(project)
      },
    })
    const connected = connectPostgres({ ...database, connections: 2 })
    const rig = new ScaleRig(servers, systems, database, prefix, openPostgresStore(connected, 0))
    onTestFinished(async () => {
      await rig.hub?.end('SIGKILL')
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
    await migratePostgres(this.database)
  }

  makeTopics(): Promise<void> {
    return this.servers.makeTopics(this.prefix, this.systems.project.dir, this.systems.environment)
  }

  /** Starts a hub on these rows and topics, in the place of one that is gone. */
  async start(): Promise<Program> {
    this.program = await this.launch()
    return this.program
  }

  launch(port = 0): Promise<Program> {
    const { project, folder, environment } = this.systems
    const args = ['start', '--project', project.dir, '--data', join(folder, 'unused'), '--port', String(port)]
    return startProgram({
      script: shuniuOf(root),
      args: [...args, '--log-level', 'info'],
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
    const words = rows.map(({ kind, state, reason }) => [kind === 'flow' ? '' : kind, state, reason].filter(Boolean).join(' '))
    return Object.fromEntries(Object.entries(Object.groupBy(words, (word) => word)).map(([word, all]) => [word, all?.length ?? 0]))
  }

  eventsOn(type: string): Promise<readonly Published[]> {
    return this.servers.eventsOn(this.prefix, type)
  }
}
