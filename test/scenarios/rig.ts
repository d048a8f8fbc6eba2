import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findSimulators, startHub, type RunningHub } from '@shuniu/hub'
import { startSimulator, type RunningSimulator } from '@shuniu/sdk/simulator'
import type { TestContext } from 'vitest'
import { until } from '../processes/pause.ts'

const example = fileURLToPath(new URL('../../examples/payment-to-voucher', import.meta.url))

type Texts = Readonly<Record<string, string>>

export interface RigOptions {
  readonly environment?: Texts
  /** Changes the copy of the example before the hub starts. */
  readonly edit?: (project: ProjectCopy) => void
  /** Flags of the simulators. */
  readonly dingtalk?: Texts
  readonly kingdee?: Texts
}

/** The example project, on files of its own. */
export class ProjectCopy {
  constructor(readonly dir: string) {
    cpSync(example, dir, { recursive: true })
  }

  read(file: string): string {
    return readFileSync(join(this.dir, file), 'utf8')
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.dir, file), text)
  }

  /** Fails when `what` is not there: a test that changes nothing shows nothing. */
  replace(file: string, what: string, by: string): void {
    const text = this.read(file)
    if (!text.includes(what)) throw new Error(`${file} has no ${what}`)
    this.write(file, text.replace(what, by))
  }

  remove(file: string): void {
    rmSync(join(this.dir, file))
  }
}

/** Both simulators in this process and a copy of the example, without a hub. */
export interface Systems {
  readonly folder: string
  readonly project: ProjectCopy
  readonly dingtalk: RunningSimulator
  readonly kingdee: RunningSimulator
  /** What a hub has to be told to find them. */
  readonly environment: Texts
  close(): Promise<void>
}

export async function openSystems({ environment = {}, edit, ...flags }: RigOptions = {}): Promise<Systems> {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-rig-'))
  const simulators = await findSimulators()
  const start = async (name: 'dingtalk' | 'kingdee'): Promise<RunningSimulator> => {
    const definition = simulators.get(name)
    if (!definition) throw new Error(`no simulator ${name}`)
    return startSimulator(definition, { data: join(folder, name), options: flags[name] ?? {} })
  }
  const [dingtalk, kingdee] = [await start('dingtalk'), await start('kingdee')]
  const project = new ProjectCopy(join(folder, 'project'))
  edit?.(project)
  return {
    folder,
    project,
    dingtalk,
    kingdee,
    environment: { DINGTALK_URL: dingtalk.url, KINGDEE_URL: kingdee.url, ...environment },
    async close() {
      await Promise.all([dingtalk.close(), kingdee.close()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Simulators and a hub in one process, each on files and ports of their own. */
export interface Rig extends Systems {
  hub: RunningHub
  /** Folder of the hub's data. */
  readonly data: string
  /** A new start of the hub on the same data, or on other data. */
  restart(data?: string): Promise<void>
}

/** Starts a hub of this process on these systems. */
export function startOn(systems: Systems, data = join(systems.folder, 'hub')): Promise<RunningHub> {
  const { project, environment } = systems
  return startHub({ project: project.dir, data, port: 0, environment, logLevel: 'silent' })
}

/** A hub that has looked once: what is made from now on it hears of by pushes, unless a test asks it to look again. */
async function swept(hub: RunningHub): Promise<RunningHub> {
  await firstSweeps(async () => (await hub.parts.store.select('cursors', {})).map(({ name }) => name))
  return hub
}

/** Resolves when every form that the example maps was looked at; `cursors` gives their names as the store has them. */
export async function firstSweeps(cursors: () => Promise<readonly string[]>): Promise<void> {
  const mapped = 2
  const seen = async (): Promise<number> =>
    new Set((await cursors()).flatMap((name) => /^sweep \S+ (\S+) \d+$/.exec(name)?.[1] ?? [])).size
  await until(async () => (await seen()) === mapped || undefined, { within: 20_000, every: 20 })
}

export async function openRig(options: RigOptions = {}): Promise<Rig> {
  const systems = await openSystems(options)
  const data = join(systems.folder, 'hub')
  const rig: Rig = {
    ...systems,
    data,
    hub: await swept(await startOn(systems, data)),
    async restart(other = data) {
      await rig.hub.close()
      rig.hub = await startOn(systems, other)
    },
    async close() {
      await rig.hub.close()
      await systems.close()
    },
  }
  return rig
}

/** A rig for one test, closed when it has ended: tests of one file can go side by side. */
export async function rigFor(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  options?: RigOptions,
): Promise<Rig> {
  const rig = await openRig(options)
  onTestFinished(() => rig.close())
  return rig
}
