import { HubError } from '@shuniu/contracts'
import type { ActiveProject, Decision } from '@shuniu/console'
import { changesTo, hashOf, readSnapshot, type TableEdit, type Tables } from '@shuniu/infra/config'
import type { Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import { activeProject, applyProject, shownProject, type AppliedProject } from './active-project.ts'
import { unsaidRenames } from './identity.ts'
import { checkProject, openProject, refuse } from './project.ts'

/** The project a hub runs, of its own folder or shared with others. */
export interface InUse extends ActiveProject {
  /** Writes one row of a table; it counts when this resolves. */
  setRow(name: string, edit: TableEdit, decision: Decision): Promise<void>
  /** Somebody wrote into the folder of the tables. */
  tablesChanged(): Promise<void>
}

export interface InUseGround {
  readonly store: Store
  readonly clock: Clock
  /** Folder of the project. */
  readonly dir: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly tables: Pick<Tables, 'set'>
  /** Opens the hub anew on what is active now. */
  readonly reopen: () => void
}

/** The project of this hub's own folder, and how it is taken into use again when it changed. */
export class FolderProject implements InUse {
  private constructor(
    private readonly ground: InUseGround,
    private running: AppliedProject,
  ) {}

  /** What a hub starts with is in use. */
  static async open(ground: InUseGround): Promise<FolderProject> {
    const files = await readSnapshot(ground.dir)
    return new FolderProject(ground, await applyProject(ground, files, { actor: 'start', reason: '' }))
  }

  async active(): ReturnType<ActiveProject['active']> {
    return shownProject((await activeProject(this.ground.store)) ?? this.running, this.running.number)
  }

  async apply(meant: string, decision: Decision): Promise<void> {
    const { dir, environment } = this.ground
    const files = await readSnapshot(dir)
    if (hashOf(files) !== meant) throw new HubError('project.other-files', { dir })
    const next = await openProject(dir, environment)
    refuse([...checkProject(next), ...(await unsaidRenames(next.project, this.ground.store))], dir)
    await this.take(await applyProject(this.ground, files, decision))
  }

  setRow(name: string, edit: TableEdit): Promise<void> {
    return this.ground.tables.set(name, edit)
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
