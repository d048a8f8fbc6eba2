import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HubError } from '@shuniu/contracts'
import { openReader, openWriter } from '../embedded/connection.ts'
import { dataFile } from '../embedded/index.ts'
import { takeLease } from '../embedded/lease.ts'
import { refuseMoved } from '../embedded/moved.ts'
import { ensureSchema } from '../embedded/schema.ts'
import { columnsOf, quote } from '../store/sql.ts'
import type { Row, TableName } from '../store/tables.ts'

type Database = ReturnType<typeof openWriter>

/** The embedded installation that moves: held as a hub would hold it, so that none runs on it. */
export interface Source {
  readonly installation: string
  readonly epoch: number
  /** `on` while nothing was sent without a look first: that goes on in the new place. */
  readonly resync: string
  /** Place in the log behind which nothing was taken in yet. */
  readonly position: number
  /** Topics of its events. */
  readonly topics: readonly string[]
  /** Marks it as moved, durably: from now on no hub starts on it, so nobody sends from two places. */
  mark(): void
  /** Rows in order of their ids, behind `after`. */
  rows<T extends TableName>(table: T, after: number, limit: number): Row<T>[]
  count(table: TableName): number
  close(): void
}

/**
 * Takes the folder. Marked for the same target it may be opened again. Throws `store.owned` while a hub runs on it, and
 * `store.moved` when it moved elsewhere.
 */
export function openSource(folder: string, target: string): Source {
  const lease = takeLease(folder)
  try {
    const file = join(folder, dataFile)
    if (!existsSync(file)) throw new HubError('store.no-data', { folder })
    write(file, (writer) => (ensureSchema(writer, file), refuseMoved(writer, file, target)))
    const reader = openReader(file)
    const meta = reader.prepare<[string], { value: string }>('SELECT value FROM meta WHERE name = ?')
    return {
      installation: meta.get('installation')?.value ?? '',
      epoch: Number(meta.get('epoch')?.value ?? 0),
      resync: meta.get('resync')?.value ?? 'off',
      position: positionIn(reader),
      topics: reader.prepare('SELECT DISTINCT topic FROM events').pluck().all() as string[],
      mark: () => write(file, (writer) => void writer.prepare(setMoved).run(target)),
      rows: <T extends TableName>(table: T, after: number, limit: number) =>
        reader.prepare(selectSql(table)).all(after, limit) as Row<T>[],
      count: (table) =>
        Number(
          reader
            .prepare(`SELECT count(*) FROM ${quote(table)}`)
            .pluck()
            .get(),
        ),
      close() {
        reader.close()
        lease.release()
      },
    }
  } catch (error) {
    lease.release()
    throw error
  }
}

const setMoved = `INSERT INTO meta (name, value) VALUES ('moved', ?)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value`

function write(file: string, work: (writer: Database) => void): void {
  const writer = openWriter(file)
  try {
    work(writer)
  } finally {
    writer.close()
  }
}

function positionIn(reader: Database): number {
  const select = reader.prepare<[], { position: number }>(
    "SELECT position FROM positions WHERE reader = 'orchestrator'",
  )
  return select.get()?.position ?? 0
}

function selectSql(table: TableName): string {
  const columns = ['id', ...columnsOf(table).filter((column) => column !== 'id')].map(quote)
  return `SELECT ${columns.join(', ')} FROM ${quote(table)} WHERE id > ? ORDER BY id LIMIT ?`
}
