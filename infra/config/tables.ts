import { watch, type FSWatcher } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { HubError, nearest, problem, type Day, type Problem } from '@shuniu/contracts'
import type { Clock, Timer } from '../time/index.ts'
import { editTable, wrongKeyCount, type TableEdit } from './table-edit.ts'
import { changesBetween, type TableChange } from './table-changes.ts'
import type { TableShape } from './table-header.ts'
import { findRow, LARGEST_TABLE, parseTable, type Table, type TableRow } from './table.ts'
import { readText, reasonOf } from './text-file.ts'
import { writeAtomically } from './write-atomic.ts'

export interface TablesOptions {
  readonly clock: Clock
  /** All problems of one file, each time they become other ones; none = it is well again. */
  onProblem(file: string, problems: readonly Problem[]): void
  /** Rows that appeared, changed or went, by table and key, after the tables were opened. */
  onChange(changes: readonly TableChange[]): void
}

/** The project's value maps, always the last good reading of each file. */
export interface Tables {
  readonly shapes: readonly TableShape[]
  shape(name: string): TableShape | undefined
  /** The row that counts on a day; undefined is a miss. Throws HubError for an unknown table or a wrong number of keys. */
  find(name: string, keys: readonly string[], day?: Day): TableRow | undefined
  /** All rows of a table, in the order of its keys. Throws HubError for an unknown table. */
  rows(name: string): readonly TableRow[]
  /** Reads everything again, now. */
  reload(): Promise<void>
  /** Writes one row into the file and takes it into use. Throws HubError; then nothing was written. */
  set(name: string, edit: TableEdit): Promise<void>
  close(): void
}

/** A save of a spreadsheet is several changes of the folder; ms to wait for the last of them. */
const SETTLE = 200

/** Opens the folder of the tables, reads them all and goes on watching it. A bad file leaves its last good reading in use. */
export async function openTables(dir: string, options: TablesOptions): Promise<Tables> {
  const folder = new TablesFolder(dir, options)
  await folder.reload()
  folder.watch()
  return folder
}

/** What is known of one file: its last text, good or bad, and its last good reading. */
interface Loaded {
  readonly text: string | undefined
  readonly mark: string
  readonly table: Table | undefined
  readonly problems: readonly Problem[]
}

const unread: Loaded = { text: undefined, mark: '', table: undefined, problems: [] }

/** Readings and edits come one after the other; look-ups never wait. */
class TablesFolder implements Tables {
  private readonly loaded = new Map<string, Loaded>()
  private readonly dir: string
  private readonly options: TablesOptions
  private queue: Promise<void> = Promise.resolve()
  private watcher: FSWatcher | undefined
  private settling: Timer | undefined
  private opened = false

  constructor(dir: string, options: TablesOptions) {
    this.dir = dir
    this.options = options
  }

  get shapes(): readonly TableShape[] {
    return [...this.loaded.values()].flatMap(({ table }) => (table ? [table.shape] : []))
  }

  shape(name: string): TableShape | undefined {
    return this.loaded.get(name)?.table?.shape
  }

  find(name: string, keys: readonly string[], day?: Day): TableRow | undefined {
    const table = this.loaded.get(name)?.table ?? this.refuse(name)
    if (keys.length !== table.shape.keys.length) throw wrongKeyCount(table.shape, keys.length)
    return findRow(table, keys, day)
  }

  rows(name: string): readonly TableRow[] {
    const table = this.loaded.get(name)?.table ?? this.refuse(name)
    return [...table.rows.values()].flat()
  }

  reload(): Promise<void> {
    return this.inTurn(() => this.readAll())
  }

  set(name: string, edit: TableEdit): Promise<void> {
    return this.inTurn(async () => {
      await this.readAll()
      const { table, mark, problems } = this.loaded.get(name) ?? unread
      if (!table || problems.some(({ severity }) => severity === 'error')) this.refuse(name)
      else await writeAtomically(this.pathOf(name), mark + editTable(table, edit))
      await this.readAll()
    })
  }

  /** Tells of changes made from now on. */
  watch(): void {
    this.opened = true
    try {
      this.watcher = watch(this.dir, { persistent: false }, () => this.settle())
      this.watcher.on('error', (error) => this.cannotWatch(error))
    } catch (error) {
      if (reasonOf(error) !== 'ENOENT') this.cannotWatch(error)
    }
  }

  close(): void {
    this.settling?.cancel()
    this.watcher?.close()
    this.opened = false
  }

  private settle(): void {
    if (!this.opened) return
    this.settling?.cancel()
    this.settling = this.options.clock.after(
      SETTLE,
      () => void this.reload().catch((error: unknown) => this.cannotWatch(error)),
    )
  }

  private cannotWatch(error: unknown): void {
    const parameters = { folder: basename(this.dir), because: reasonOf(error) }
    this.options.onProblem(basename(this.dir), [problem('table.not-watched', parameters, undefined, 'warning')])
  }

  private async readAll(): Promise<void> {
    const present = await tableNames(this.dir)
    const changes: TableChange[] = []
    for (const name of new Set([...this.loaded.keys(), ...present])) changes.push(...(await this.read(name)))
    if (this.opened && changes.length > 0) this.options.onChange(changes)
  }

  private async read(name: string): Promise<TableChange[]> {
    const before = this.loaded.get(name) ?? unread
    const after = await loadTable(name, this.pathOf(name), this.fileOf(name), before)
    this.loaded.set(name, after)
    if (sayings(before.problems) !== sayings(after.problems)) this.options.onProblem(this.fileOf(name), after.problems)
    return after.table && after.table !== before.table ? changesBetween(before.table, after.table) : []
  }

  private refuse(name: string): never {
    const first = this.loaded.get(name)?.problems.find(({ severity }) => severity === 'error')
    if (first) throw new HubError('table.damaged', { name, first: first.error.message }, { cause: first.error })
    throw new HubError('table.unknown', { name, nearest: nearest(name, this.loaded.keys(), Infinity) ?? '—' })
  }

  private pathOf(name: string): string {
    return join(this.dir, `${name}.csv`)
  }

  private fileOf(name: string): string {
    return `${basename(this.dir)}/${name}.csv`
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.queue.then(work)
    this.queue = done.catch(() => undefined)
    return done
  }
}

/** Reads a file anew; what is wrong with it leaves the last good table. */
async function loadTable(name: string, path: string, file: string, before: Loaded): Promise<Loaded> {
  const read = await readText(path, file, LARGEST_TABLE)
  if (read.text === undefined) {
    const gone = read.problems[0].error.code === 'config.not-found'
    return { ...before, text: undefined, problems: gone ? [problem('table.gone', { file })] : read.problems }
  }
  if (read.text === before.text) return before
  const { table, problems } = parseTable(name, file, read.text)
  return { text: read.text, mark: read.mark, table: table ?? before.table, problems }
}

async function tableNames(dir: string): Promise<string[]> {
  const entries = await readdir(dir).catch((error: unknown) => {
    if (reasonOf(error) === 'ENOENT') return []
    throw new HubError('config.unreadable', { file: basename(dir), because: reasonOf(error) }, { cause: error })
  })
  return entries
    .filter((entry) => entry.endsWith('.csv') && !entry.startsWith('.'))
    .map((entry) => basename(entry, '.csv'))
}

function sayings(problems: readonly Problem[]): string {
  return problems.map(({ error }) => `${error.place?.line}:${error.place?.column} ${error.message}`).join('\n')
}
