import { hash } from 'node:crypto'
import { HubError } from '@shuniu/contracts'
import type { ActiveProject, Decision } from '@shuniu/console'
import { changesTo, hashOf, readSnapshot } from '@shuniu/infra/config'
import type { Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import { activeProject, applyProject, type AppliedProject } from './active-project.ts'
import { unsaidRenames } from './identity.ts'
import { checkProject, openProject, refuse } from './project.ts'

export interface InUseGround {
  readonly store: Store
  readonly clock: Clock
  /** Folder of the project. */
  readonly dir: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Opens the hub anew on what is active now. */
  readonly reopen: () => void
}

/** The project this process runs, and how another one is taken into use. */
export class ProjectInUse implements ActiveProject {
  private constructor(
    private readonly ground: InUseGround,
    private running: AppliedProject,
  ) {}

  /** What a hub starts with is in use. */
  static async open(ground: InUseGround): Promise<ProjectInUse> {
    const files = await readSnapshot(ground.dir)
    return new ProjectInUse(ground, await applyProject(ground, files, { actor: 'start', reason: '' }))
  }

  async active(): ReturnType<ActiveProject['active']> {
    const active = (await activeProject(this.ground.store)) ?? this.running
    const files = [...active.files].map(([path, text]) => [path, hash('sha256', text, 'hex')] as const)
    return { ...active, running: this.running.number, files: Object.fromEntries(files) }
  }

  async apply(meant: string, decision: Decision): Promise<void> {
    const { dir, environment } = this.ground
    const files = await readSnapshot(dir)
    if (hashOf(files) !== meant) throw new HubError('project.other-files', { dir })
    const next = await openProject(dir, environment)
    refuse([...checkProject(next), ...(await unsaidRenames(next.project, this.ground.store))], dir)
    await this.take(await applyProject(this.ground, files, decision))
  }

  /** Rows of tables count as soon as their file is written; it is told like any other change. */
  async tablesChanged(): Promise<void> {
    const tables = [...(await readSnapshot(this.ground.dir))].filter(([path]) => isTable(path))
    const others = [...this.running.files].filter(([path]) => !isTable(path))
    await this.take(await applyProject(this.ground, new Map([...others, ...tables]), { actor: 'tables', reason: '' }))
  }

  /** Tables are in use already; for anything else the hub opens anew. */
  private async take(applied: AppliedProject): Promise<void> {
    const changes = changesTo(this.running.files, applied.files)
    if (changes.every(({ path }) => isTable(path))) this.running = applied
    else this.ground.reopen()
  }
}

const isTable = (path: string): boolean => path.startsWith('tables/')
