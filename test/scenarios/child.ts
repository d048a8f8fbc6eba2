import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { TestContext } from 'vitest'
import { DataFile } from '../faults/data-file.ts'
import { pause, until } from '../processes/pause.ts'
import { shuniuOf, startProgram, type Program } from '../processes/program.ts'
import { root } from '../processes/root.ts'
import { firstSweeps, openSystems, type RigOptions, type Systems } from './rig.ts'
import type { Strike } from './strike.ts'

const preload = pathToFileURL(fileURLToPath(new URL('./strike.ts', import.meta.url))).href

/** Systems in this process and a hub in one of its own, which can be killed and stopped. */
export class ChildRig {
  private program: Program | undefined

  private constructor(
    readonly systems: Systems,
    private readonly log = join(systems.folder, 'hub.log'),
  ) {}

  /** For one test; everything is gone when it has ended. */
  static async for(
    { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
    { log, ...options }: RigOptions & { log?: string } = {},
  ): Promise<ChildRig> {
    const rig = new ChildRig(await openSystems(options), log)
    onTestFinished(async () => {
      await rig.hub.end('SIGKILL')
      await rig.systems.close()
    })
    await rig.start()
    await firstSweeps(async () => rig.data.rows<{ name: string }>('SELECT name FROM cursors').map(({ name }) => name))
    return rig
  }

  get hub(): Program {
    if (!this.program) throw new Error('no hub was started')
    return this.program
  }

  get data(): DataFile {
    return new DataFile(join(this.systems.folder, 'hub'))
  }

  /** A hub on the same data; rejects with what it says when it does not start. */
  async start(): Promise<void> {
    this.program = await this.launch()
  }

  launch(): Promise<Program> {
    const { folder, project, environment } = this.systems
    const args = ['start', '--project', project.dir, '--data', join(folder, 'hub'), '--port', '0']
    return startProgram({
      script: shuniuOf(root),
      args: [...args, '--log-level', 'error'],
      environment: {
        ...process.env,
        ...environment,
        NODE_OPTIONS: `--import=${preload} --disable-warning=ExperimentalWarning`,
        SHUNIU_TEST_STRIKE: this.strikeFile,
      },
      log: this.log,
    })
  }

  /** What its hubs have said on stderr. */
  get said(): string {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8') : ''
  }

  /** Arms the next strike; it happens once. */
  arm(strike: Strike): void {
    writeFileSync(this.strikeFile, JSON.stringify(strike))
  }

  /** Resolves when it has been killed by a strike and a new one runs on the same data. */
  async rise(): Promise<void> {
    await this.hub.end()
    await this.start()
  }

  /** Resolves when every thread of it stands still. */
  async stopped(): Promise<void> {
    const isStopped = (): true | undefined => {
      const stat = readFileSync(`/proc/${this.hub.pid}/stat`, 'utf8')
      return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T') || undefined
    }
    if (!(await until(isStopped, { within: 20_000 }))) throw new Error('the hub was not stopped')
    await pause(50)
  }

  /** How its deliveries stand, as its data file says. */
  runs(): string[] {
    type Run = { kind: string; state: string; reason: string | null }
    const rows = this.data.rows<Run>("SELECT kind, state, reason FROM runs WHERE flow <> '' ORDER BY id")
    return rows.map(({ kind, state, reason }) => [kind, state, reason].filter(Boolean).join(' '))
  }

  receipts(): string[] {
    return this.data.rows<{ state: string }>('SELECT state FROM receipts ORDER BY id').map(({ state }) => state)
  }

  private get strikeFile(): string {
    return join(this.systems.folder, 'strike.json')
  }
}
