import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { killStarting, shuniuOf, startProgram, type Command, type Program } from '../processes/program.ts'
import { Simulator } from './simulator.ts'

export interface WorldOptions {
  /** The checkout that is tried. */
  readonly product: string
  /** Everything that is written lies here. */
  readonly folder: string
}

/** Both systems and the hub, each a process of its own. Systems live on while hubs come and go. */
export class World {
  private hub: Program | undefined
  /** Starts of the hub, ms each. */
  readonly starts: number[] = []

  private constructor(
    private readonly options: WorldOptions,
    private readonly systems: readonly Program[],
    private readonly port: number,
    readonly dingtalk: Simulator,
    readonly kingdee: Simulator,
  ) {}

  static async open(options: WorldOptions): Promise<World> {
    const { product, folder } = options
    mkdirSync(folder, { recursive: true })
    const port = await freePort()
    const callback = `http://127.0.0.1:${port}/hooks/dingtalk-main/callback`
    const start = (name: string, ...more: string[]): Promise<Program> => {
      const args = ['sim', name, '--port', '0', '--data', join(folder, name), ...more]
      return startProgram({
        script: shuniuOf(product),
        args,
        environment: process.env,
        log: join(folder, `${name}.log`),
      })
    }
    const systems = await Promise.all([start('dingtalk', '--callback', callback), start('kingdee')])
    const [dingtalk, kingdee] = systems
    return new World(options, systems, port, new Simulator(dingtalk?.url ?? ''), new Simulator(kingdee?.url ?? ''))
  }

  get hubUrl(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get hubPid(): number {
    return this.hub?.pid ?? 0
  }

  /** The folder the hub keeps its data in. */
  get data(): string {
    return join(this.options.folder, 'hub')
  }

  /** False when it ended without being told to. */
  get isHubUp(): boolean {
    return this.hub !== undefined && !this.hub.isGone
  }

  async startHub(): Promise<void> {
    const began = performance.now()
    this.hub = await startProgram(this.command)
    this.starts.push(performance.now() - began)
  }

  /** Starts a hub that dies `ms` later, most likely before it is ready. */
  killStartingHub(ms: number): Promise<void> {
    return killStarting(this.command, ms)
  }

  private get command(): Command {
    const { product, folder } = this.options
    const project = join(product, 'examples/payment-to-voucher')
    const port = String(this.port)
    return {
      script: shuniuOf(product),
      args: ['start', '--project', project, '--data', this.data, '--port', port, '--log-level', 'warn'],
      environment: { ...process.env, DINGTALK_URL: this.dingtalk.url, KINGDEE_URL: this.kingdee.url },
      log: join(folder, 'hub.log'),
    }
  }

  signalHub(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.hub?.signal(name)
  }

  /** kill -9; resolves when it is gone. */
  async killHub(): Promise<void> {
    await this.hub?.end('SIGKILL')
  }

  async close(): Promise<void> {
    await this.hub?.end('SIGKILL')
    await Promise.all(this.systems.map((one) => one.end('SIGKILL')))
  }
}

function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
