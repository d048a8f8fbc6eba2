import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Decimal, readContracts, type Contract } from '@shuniu/contracts'
import { eventRowOf } from '../scenarios/append.ts'
import { payment } from '../scenarios/events.ts'
import { connectPostgres, migratePostgres, openPostgresStore } from '@shuniu/infra/postgres'
import type { Store } from '@shuniu/infra/store'
import type { TestContext } from 'vitest'
import { shuniuOf, startProgram, type Program } from '../processes/program.ts'
import { root } from '../processes/root.ts'
import type { Published, Servers } from './servers.ts'

const example = join(root, 'examples/payment-to-proposal')
const type = 'finance.voucher.proposed'
let pipes = 0

/** The example that maps one topic to another, as a process of its own, on rows and topics of its own. */
export class Pipe {
  private program: Program | undefined
  private produced = 0

  private constructor(
    private readonly servers: Servers,
    private readonly folder: string,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly prefix: string,
    readonly rows: Pick<Store, 'select' | 'tally'>,
  ) {}

  static async for({ onTestFinished }: Pick<TestContext, 'onTestFinished'>, servers: Servers): Promise<Pipe> {
    const name = `pipe${process.pid}_${++pipes}`
    const folder = mkdtempSync(join(tmpdir(), 'shuniu-pipe-'))
    cpSync(example, folder, { recursive: true })
    const database = { url: servers.postgres.url, schema: name }
    const environment = { POSTGRES_URL: database.url, KAFKA_BROKERS: servers.brokers }
    appendFileSync(
      join(folder, 'hub.yaml'),
      `store: { postgres: "\${env:POSTGRES_URL}", schema: ${name} }\nlog: { kafka: { brokers: ["\${env:KAFKA_BROKERS}"], prefix: ${name}. } }\n`,
    )
    await migratePostgres(database)
    await servers.makeTopics(`${name}.`, folder, environment)
    const connected = connectPostgres({ ...database, connections: 2 })
    const pipe = new Pipe(servers, folder, environment, `${name}.`, openPostgresStore(connected, 0))
    onTestFinished(async () => {
      await pipe.kill()
      await connected.close()
      rmSync(folder, { recursive: true, force: true })
    })
    return pipe
  }

  async start(): Promise<Program> {
    const args = [
      'start',
      '--project',
      this.folder,
      '--data',
      join(this.folder, 'unused'),
      '--port',
      '0',
      '--log-level',
      'error',
    ]
    const environment = { ...process.env, ...this.environment, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' }
    this.program = await startProgram({ script: shuniuOf(root), args, environment, log: join(this.folder, 'hub.log') })
    return this.program
  }

  async kill(): Promise<void> {
    await this.program?.end('SIGKILL')
    this.program = undefined
  }

  /** Approved payments of ten departments, one after the other; the number counts up over all. */
  async produce(count: number, { amount }: { readonly amount?: string } = {}): Promise<void> {
    const events = Array.from({ length: count }, () => {
      const number = ++this.produced
      const { lines } = payment(number).data
      return payment(number, {
        approvalId: `key-${number % 50}`,
        approvalNo: String(number),
        department: { id: `d${number % 10}`, name: null },
        ...(amount === undefined ? { lines: lines ?? null } : { amount: new Decimal(amount) }),
      })
    })
    await this.servers.produce(this.prefix, events.map(eventRowOf))
  }

  proposed(): Promise<readonly Published[]> {
    return this.servers.eventsOn(this.prefix, this.contract)
  }

  /** For each key, what was handed on for it, by the first that came of each: repeats carry the same id. */
  async firsts(): Promise<ReadonlyMap<string, readonly number[]>> {
    const firsts = new Map((await this.proposed()).toReversed().map((one) => [one.id, one])).values()
    const inOrder = [...firsts].toReversed()
    return new Map(
      [...Map.groupBy(inOrder, ({ key }) => key)].map(([key, of]) => [
        key,
        of.map(({ data }) => Number(data['approvalNo'])),
      ]),
    )
  }

  private get contract(): Contract {
    const name = `contracts/${type}.avsc`
    const { contracts } = readContracts([{ file: name, text: readFileSync(join(this.folder, name), 'utf8') }])
    const [own] = contracts
    if (!own) throw new Error(`there is no ${type}`)
    return own
  }
}
