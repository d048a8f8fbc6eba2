import { Worker } from 'node:worker_threads'
import { HubError } from '@shuniu/contracts'
import type { Change, CommitOutcome } from '../store/port.ts'
import { isFull } from './connection.ts'
import type { Settled, Writer } from './writer.ts'

interface Waiting {
  readonly changes: readonly Change[]
  resolve(outcome: CommitOutcome): void
  reject(error: unknown): void
}

/** Where a group is written: on this thread, or in a worker. */
export interface Flusher {
  flush(commits: readonly (readonly Change[])[]): Settled[] | Promise<Settled[]>
  close(): Promise<void>
}

/** Gathers the commits of many runs into groups: one is flushed as soon as the last is on disk, never by a timer. */
export class Committer {
  private waiting: Waiting[] = []
  private busy = false
  private idle: (() => void)[] = []

  constructor(
    private readonly flusher: Flusher,
    private readonly flushed: (groups: readonly (readonly Change[])[]) => void,
  ) {}

  commit(changes: readonly Change[]): Promise<CommitOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ changes, resolve, reject })
      if (!this.busy) this.start()
    })
  }

  /** Resolves when everything handed in is settled. */
  async close(): Promise<void> {
    if (this.busy) await new Promise<void>((resolve) => this.idle.push(resolve))
    await this.flusher.close()
  }

  private start(): void {
    this.busy = true
    setImmediate(() => void this.loop())
  }

  private async loop(): Promise<void> {
    while (this.waiting.length > 0) {
      const group = this.waiting
      this.waiting = []
      await this.flushGroup(group)
    }
    this.busy = false
    for (const done of this.idle.splice(0)) done()
  }

  private async flushGroup(group: readonly Waiting[]): Promise<void> {
    const commits = group.map((one) => one.changes)
    try {
      const settled = await this.flusher.flush(commits)
      this.flushed(commits)
      await settle(group, settled)
    } catch (error) {
      const failure = isFull(error) ? new HubError('store.full', {}, { cause: error }) : error
      for (const one of group) one.reject(failure)
    }
  }
}

/** Whoever waited for a commit goes on at once, and may compute for long: so many go on in one turn of the loop. */
const atOnce = 16

/** Tells what became of a group. Between its parts, and behind the last, other work has its turn and joins the next group. */
async function settle(group: readonly Waiting[], settled: readonly Settled[]): Promise<void> {
  for (let from = 0; from < group.length; from += atOnce) {
    for (let at = from; at < Math.min(from + atOnce, group.length); at++) {
      const result = settled[at]
      if (result && 'error' in result) group[at]?.reject(result.error)
      else if (result) group[at]?.resolve(result.outcome)
    }
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

export function onThisThread(writer: Writer, close: () => void): Flusher {
  return {
    flush: (commits) => writer.flush(commits),
    close: () => Promise.resolve(close()),
  }
}

/** For slow disks: the loop of this thread goes on while the worker waits for the disk. */
export function inWorker(file: string, epoch: number): Flusher {
  const source = import.meta.url.endsWith('.ts')
  const worker = new Worker(new URL(source ? './worker.ts' : './worker.js', import.meta.url), {
    workerData: { file, epoch },
    execArgv: source ? ['--conditions=@shuniu/source', '--experimental-transform-types', '--no-warnings'] : [],
  })
  let answered: ((message: { settled?: Settled[]; full?: boolean; error?: unknown }) => void) | undefined
  worker.on('message', (message) => answered?.(message))
  worker.on('error', (error) => answered?.({ error }))
  return {
    flush: (commits) =>
      new Promise((resolve, reject) => {
        answered = ({ settled, full, error }) =>
          settled ? resolve(settled) : reject(full ? new HubError('store.full', {}) : error)
        worker.postMessage(commits)
      }),
    close: async () => void (await worker.terminate()),
  }
}
