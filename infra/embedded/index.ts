import { randomUUID } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { Committer, type Flushed, type Flusher } from '../store/committer.ts'
import type { Change, CommitOutcome } from '../store/port.ts'
import { openReader, openWriter } from './connection.ts'
import { inWorker, onThisThread } from './flushers.ts'
import { takeLease, type Lease } from './lease.ts'
import { refuseMoved } from './moved.ts'
import { ensureSchema } from './schema.ts'
import { Writer } from './writer.ts'

export { whereSql } from './sql.ts'
export { quote } from '../store/sql.ts'

export interface EmbeddedOptions {
  readonly folder: string
  /** `start --resync`: for a folder that was rolled back as a whole. */
  readonly resync?: boolean
  /** Where to wait for the disk; by default probed at start. */
  readonly flushOn?: 'main' | 'worker'
  /** Nothing can be written any more: the hub has to end. */
  readonly lost?: (error: Error) => void
}

/** The one file of an embedded hub, with its one writer, and what reads beside it. */
export interface Embedded {
  readonly epoch: number
  readonly installation: string
  /** Median time of an fdatasync at start, in ms. */
  readonly fsync: number
  /** True while sends must first show that their document is absent; until a person closes it. */
  readonly resync: boolean
  readonly reader: Database
  commit(changes: readonly Change[]): Promise<CommitOutcome>
  /** Called after each group is on disk. */
  onFlushed(listener: Flushed): void
  /** Begins and ends resync mode, durably. */
  openResync(): Promise<void>
  closeResync(): Promise<void>
  /** Writes a consistent copy; a start on the copy is in resync mode. */
  backup(file: string): Promise<void>
  close(): Promise<void>
}

export const dataFile = 'shuniu.db'

/** A median above this (ms) means waiting for the disk belongs into a worker (measured: ARCHITECTURE.md). */
const slowDisk = 2

export async function openEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const lease = takeLease(options.folder)
  const file = join(options.folder, dataFile)
  const database = openWriter(file)
  ensureSchema(database, file)
  refuseMoved(database, file)
  const start = enterEpoch(database, lease, options.resync === true)
  const fsync = probeDisk(options.folder)
  const worker = options.flushOn ? options.flushOn === 'worker' : fsync > slowDisk
  const flusher: Flusher = worker
    ? (database.close(), inWorker(file, start.epoch, options.lost ?? (() => undefined)))
    : onThisThread(new Writer(database, start.epoch), () => void database.close())
  const listeners: Flushed[] = []
  const committer = new Committer(flusher, (groups, ms) => listeners.forEach((listener) => listener(groups, ms)))
  // Every group throws away what another connection has read of the file before: on one thread both use one.
  const reader = worker ? openReader(file) : database
  let resync = start.resync
  return {
    epoch: start.epoch,
    installation: start.installation,
    get resync() {
      return resync
    },
    async openResync() {
      await committer.commit([{ upsert: 'meta', row: { name: 'resync', value: 'on' } }])
      resync = true
    },
    async closeResync() {
      await committer.commit([{ upsert: 'meta', row: { name: 'resync', value: 'off' } }])
      resync = false
    },
    fsync,
    reader,
    commit: (changes) => committer.commit(changes),
    onFlushed: (listener) => void listeners.push(listener),
    backup: (target) => backup(reader, target),
    async close() {
      await committer.close()
      reader.close()
      lease.release()
    },
  }
}

/**
 * Writes this start's epoch into the data file. A file older than the last start that had entered it, or one that knows
 * more starts than its folder, is not the file this folder was working on: resync.
 */
function enterEpoch(
  database: Database,
  lease: Lease,
  asked: boolean,
): { epoch: number; installation: string; resync: boolean } {
  const get = database.prepare<[string], { value: string }>('SELECT value FROM meta WHERE name = ?')
  const set = database.prepare(
    'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  )
  const entered = database.transaction(() => {
    const before = Number(get.get('epoch')?.value ?? 0)
    const foreign = before < lease.entered || before >= lease.epoch
    const epoch = Math.max(lease.epoch, before + 1)
    const installation = get.get('installation')?.value ?? randomUUID()
    const resync = asked || foreign || get.get('resync')?.value === 'on' || get.get('copy')?.value === 'yes'
    set.run('installation', installation)
    set.run('epoch', String(epoch))
    set.run('resync', resync ? 'on' : 'off')
    set.run('copy', 'no')
    return { epoch, installation, resync }
  })()
  lease.enter(entered.epoch)
  return entered
}

async function backup(reader: Database, target: string): Promise<void> {
  await reader.backup(target)
  const copy = openWriter(target)
  copy
    .prepare("INSERT INTO meta (name, value) VALUES ('copy', 'yes') ON CONFLICT (name) DO UPDATE SET value = 'yes'")
    .run()
  copy.pragma('wal_checkpoint(TRUNCATE)')
  copy.pragma('journal_mode = DELETE')
  copy.close()
}

/** Median of a few fdatasyncs of 4 KiB, in ms. */
function probeDisk(folder: string): number {
  const path = join(folder, 'probe.tmp')
  const handle = openSync(path, 'w')
  const block = new Uint8Array(4096)
  const times = Array.from({ length: 9 }, () => {
    const before = performance.now()
    writeSync(handle, block)
    fdatasyncSync(handle)
    return performance.now() - before
  })
  closeSync(handle)
  rmSync(path)
  return times.toSorted((a, b) => a - b)[4] ?? 0
}
