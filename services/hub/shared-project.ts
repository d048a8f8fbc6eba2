import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HubError } from '@shuniu/contracts'
import type { ActiveProject, Decision } from '@shuniu/console'
import {
  changesTo,
  editTable,
  hashOf,
  parseTable,
  readSnapshot,
  writeSnapshot,
  type Snapshot,
  type TableEdit,
  type Tables,
} from '@shuniu/infra/config'
import { joinStore, openPostgres, openPostgresStore } from '@shuniu/infra/postgres'
import type { Store } from '@shuniu/infra/store'
import { sleep, type Clock } from '@shuniu/infra/time'
import { activeProject, applyBehind, applyProject, shownProject, type AppliedProject } from './active-project.ts'
import type { InUse } from './project-in-use.ts'
import { openProject, type OpenProject } from './project.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface Ground {
  readonly store: Store
  readonly clock: Clock
}

/** The active project in a folder of this process's own, which tables are read from. */
export interface ProjectCopy {
  readonly open: OpenProject
  readonly running: AppliedProject
  remove(): Promise<void>
}

/**
 * What processes on one store run: the project that is active there, and no other. The first one brings its own folder; from
 * then on a folder with other files has to be applied first. Throws `project.not-applied`, unless `follow`.
 */
export async function copyOfActive(
  ground: Ground,
  local: OpenProject,
  environment: Environment,
  follow: boolean,
): Promise<ProjectCopy> {
  const own = local.project.dir
  const files = await readSnapshot(own)
  const running =
    (await activeProject(ground.store)) ?? (await applyProject(ground, files, { actor: 'start', reason: '' }))
  if (!follow && running.hash !== hashOf(files))
    throw new HubError('project.not-applied', { dir: own, number: running.number })
  const dir = await mkdtemp(join(tmpdir(), 'shuniu-project-'))
  await copyFile(join(own, 'hub.yaml'), join(dir, 'hub.yaml'))
  await writeSnapshot(dir, running.files)
  const open = await openProject(dir, environment, own)
  return { open, running, remove: () => rm(dir, { recursive: true, force: true }) }
}

/** The same on the store that hub.yaml names; undefined where a hub has its folder for itself. */
export async function openCopy(
  local: OpenProject,
  { environment, follow = false }: { readonly environment: Environment; readonly follow?: boolean },
  clock: Clock,
): Promise<ProjectCopy | undefined> {
  const { store: settings } = local.project.hub
  if (settings === 'embedded') return undefined
  const database = await openPostgres(settings)
  try {
    const store = openPostgresStore(database, await joinStore(database))
    return await copyOfActive({ store, clock }, local, environment, follow)
  } finally {
    await database.close()
  }
}

/** How often a process looks whether another project is active, ms: all follow within two seconds. */
const rhythm = 1_000

export interface SharedGround extends Ground {
  readonly copy: ProjectCopy
  readonly tables: Pick<Tables, 'reload'>
  readonly reopen: () => void
  readonly failed: (error: unknown) => void
}

/** The project that several processes run: each follows what is active in the store. */
export class SharedProject implements InUse {
  private running: AppliedProject
  private readonly stop = new AbortController()
  private readonly following: Promise<void>
  private turn: Promise<unknown> = Promise.resolve()

  constructor(private readonly ground: SharedGround) {
    this.running = ground.copy.running
    this.following = this.follow()
  }

  async active(): ReturnType<ActiveProject['active']> {
    return shownProject((await activeProject(this.ground.store)) ?? this.running, this.running.number)
  }

  apply(): Promise<never> {
    return Promise.reject(new HubError('project.by-command'))
  }

  /** One row more: the project that is active with this row in it, even when others write at the same time. */
  async setRow(name: string, edit: TableEdit, decision: Decision): Promise<void> {
    for (;;) {
      const before = (await activeProject(this.ground.store)) ?? this.running
      const applied = await applyBehind(this.ground, before.number, withRow(before.files, name, edit), decision)
      if (!applied) continue
      return this.inTurn(() => this.take(applied))
    }
  }

  /** Its tables stand in a folder of this process's own: nobody else writes there. */
  tablesChanged(): Promise<void> {
    return Promise.resolve()
  }

  async close(): Promise<void> {
    this.stop.abort()
    await this.following
  }

  private async follow(): Promise<void> {
    const { signal } = this.stop
    while (!signal.aborted) {
      await this.inTurn(() => this.look()).catch(this.ground.failed)
      await sleep(this.ground.clock, rhythm, signal)
    }
  }

  private async look(): Promise<void> {
    const { store } = this.ground
    const [newer] = await store.select('projects', { id: { above: this.running.number } }, { limit: 1 })
    const active = newer && (await activeProject(store))
    if (active) await this.take(active)
  }

  /** Rows of tables count at once; for anything else the hub is opened anew. */
  private async take(active: AppliedProject): Promise<void> {
    if (active.number <= this.running.number) return
    const changes = changesTo(this.running.files, active.files)
    this.running = active
    if (!changes.every(({ path }) => path.startsWith('tables/'))) {
      this.stop.abort()
      return this.ground.reopen()
    }
    await writeSnapshot(this.ground.copy.open.project.dir, active.files)
    await this.ground.tables.reload()
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work)
    this.turn = done.catch(() => undefined)
    return done
  }
}

function withRow(files: Snapshot, name: string, edit: TableEdit): Snapshot {
  const path = `tables/${name}.csv`
  const { table } = parseTable(name, path, files.get(path) ?? '')
  if (!files.has(path) || !table) throw new HubError('table.unknown', { name, nearest: '—' })
  return new Map([...files, [path, editTable(table, edit)]])
}
