import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../processes/pause.ts'
import { shuniuOf, startProgram, type Program } from '../processes/program.ts'
import { root } from '../processes/root.ts'
import { Simulator } from '../faults/simulator.ts'
import { writeProject, type Pace } from './project.ts'
import { pushes, type Push } from './push.ts'

const example = join(root, 'examples/payment-to-voucher')
const source = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
const script = (name: string): string => fileURLToPath(new URL(`./${name}${source}`, import.meta.url))
const secret = (name: string): string => readFileSync(join(example, 'secrets', name), 'utf8').trim()
const form = 'PROC-0F8B2A77-5D3C-4E19-9B60-1A2C3D4E5F60'

/** What every approval of the bench looks like. */
const likely = {
  seed: 7,
  department: '市场部',
  lines: [
    { category: '差旅费', memo: '客户现场调试往返机票', amount: '2460.00' },
    { category: '住宿费', memo: '深圳南山酒店三晚', amount: '1380.00' },
    { category: '交通费', memo: '市内用车', amount: '486.50' },
  ],
}

/** What the target has seen. Instants in ms with fractions. */
export interface Seen {
  readonly reads: number
  readonly saves: number
  readonly firstRead: number
  readonly lastSave: number
}

/** Everything that is around the hub and around the bare program. */
export class House {
  private next = 1
  private readonly keys = {
    token: secret('dingtalk-token-simulator'),
    aesKey: secret('dingtalk-key-simulator'),
    receiveId: 'dinga1b2c3d4e5f6g7h8',
  }

  private constructor(
    readonly folder: string,
    private readonly programs: readonly Program[],
    readonly target: Program,
    /** Where CPU profiles of hubs go, if somebody wants them. */
    private readonly profiles: string | undefined,
  ) {}

  static async open(folder: string, profiles?: string): Promise<House> {
    mkdirSync(folder, { recursive: true })
    for (const pace of ['free', 'held'] as const) writeProject(example, join(folder, `project-${pace}`), pace)
    const start = (name: string, args: readonly string[], file = shuniuOf(root)): Promise<Program> =>
      startProgram({ script: file, args, environment: process.env, log: join(folder, `${name}.log`) })
    const dingtalk = await start('dingtalk', ['sim', 'dingtalk', '--port', '0', '--data', join(folder, 'dingtalk')])
    const kingdee = await start('kingdee', ['sim', 'kingdee', '--port', '0', '--data', join(folder, 'kingdee')])
    const simulator = new Simulator(dingtalk.url)
    const model = await simulator.act('approved-payment', { ...likely, push: false })
    const target = await start('target', [dingtalk.url, kingdee.url, model.id], script('target'))
    return new House(folder, [target, dingtalk, kingdee], target, profiles)
  }

  /** Pushes of approvals that nobody has seen yet. */
  pushes(count: number): Push[] {
    const ids = Array.from({ length: count }, (_, at) => `bench-${this.next + at}`)
    this.next += count
    return pushes(this.keys, form, ids)
  }

  /** A hub on a data folder of this name. */
  hub(pace: Pace, data: string): Promise<Program> {
    const project = join(this.folder, `project-${pace}`)
    const args = [
      'start',
      '--project',
      project,
      '--data',
      join(this.folder, data),
      '--port',
      '0',
      '--log-level',
      'error',
    ]
    const { profiles } = this
    const flags = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`]
    const environment = { ...process.env, DINGTALK_URL: this.target.url, KINGDEE_URL: this.target.url }
    return startProgram({ script: shuniuOf(root), args, flags, environment, log: join(this.folder, 'hub.log') })
  }

  bare(): Promise<Program> {
    const { token, aesKey, receiveId } = this.keys
    const args = [this.target.url, token, aesKey, receiveId, join(example, 'tables')]
    return startProgram({
      script: script('bare/door'),
      args,
      environment: process.env,
      log: join(this.folder, 'bare.log'),
    })
  }

  /** Ends a hub as a crash does; one that is profiled ends by itself, for only then its profile is written. */
  async end(hub: Program): Promise<void> {
    await hub.end(this.profiles === undefined ? 'SIGKILL' : 'SIGTERM')
  }

  async seen(what: 'state' | 'reset' | 'through' | 'direct' = 'state'): Promise<Seen> {
    const answer = await fetch(`${this.target.url}/bench/${what}`)
    return (await answer.json()) as Seen
  }

  /** Approval number → when vouchers for it came. */
  async book(): Promise<ReadonlyMap<string, readonly number[]>> {
    const answer = await fetch(`${this.target.url}/bench/book`)
    return new Map((await answer.json()) as [string, number[]][])
  }

  /** Resolves when so many vouchers were saved; fails when it takes longer than 10 minutes. */
  async saved(count: number): Promise<Seen> {
    const seen = await until(
      async () => {
        const now = await this.seen()
        return now.saves >= count ? now : undefined
      },
      { within: 600_000, every: 25 },
    )
    if (!seen) throw new Error(`only ${(await this.seen()).saves} of ${count} vouchers were saved`)
    return seen
  }

  async close(): Promise<void> {
    await Promise.all(this.programs.map((one) => one.end('SIGKILL')))
  }
}

/** Resolves when nothing is under way in a hub. */
export async function drained(hub: Program): Promise<void> {
  const done = await until(
    async () => {
      const answer = await fetch(`${hub.url}/api/v1/conservation`)
      const { receipts, deliveries } = (await answer.json()) as Record<string, { inFlight: number }>
      return receipts?.inFlight === 0 && deliveries?.inFlight === 0 ? true : undefined
    },
    { within: 120_000, every: 100 },
  )
  if (!done) throw new Error('the hub does not drain')
}

/** The number under which the target's book holds an approval. */
export const numberOf = ({ id }: Push): string => `2${id.slice('bench-'.length).padStart(20, '0')}`
