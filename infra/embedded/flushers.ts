import { Worker } from 'node:worker_threads'
import { HubError } from '@shuniu/contracts'
import type { Flusher, Settled } from '../store/committer.ts'
import { isFull } from './connection.ts'
import type { Writer } from './writer.ts'

/** For fast disks: the writer waits on this thread. */
export function onThisThread(writer: Writer, close: () => void): Flusher {
  return {
    flush(commits) {
      try {
        return writer.flush(commits)
      } catch (error) {
        throw isFull(error) ? new HubError('store.full', {}, { cause: error }) : error
      }
    },
    close: () => Promise.resolve(close()),
  }
}

/**
 * For slow disks: the loop of this thread goes on while the worker waits for the disk. `died`: the worker is gone, nothing is
 * written any more; what of the group under way is on disk, the next start sees.
 */
export function inWorker(file: string, epoch: number, died: (error: Error) => void): Flusher {
  const source = import.meta.url.endsWith('.ts')
  const worker = new Worker(new URL(source ? './worker.ts' : './worker.js', import.meta.url), {
    workerData: { file, epoch },
    execArgv: source ? ['--conditions=@shuniu/source', '--experimental-transform-types', '--no-warnings'] : [],
  })
  let answered: ((message: { settled?: Settled[]; full?: boolean; error?: unknown }) => void) | undefined
  let gone: Error | 'closed' | undefined
  const die = (cause: unknown): void => {
    if (gone) return
    gone = new HubError('internal.bug', { what: `the thread that writes the data ended: ${String(cause)}` }, { cause })
    answered?.({ error: gone })
    died(gone)
  }
  worker.on('message', (message) => answered?.(message))
  worker.on('error', die)
  worker.on('exit', die)
  return {
    flush: (commits) =>
      new Promise((resolve, reject) => {
        if (gone) return reject(gone)
        answered = ({ settled, full, error }) =>
          settled ? resolve(settled) : reject(full ? new HubError('store.full', {}) : error)
        worker.postMessage(commits)
      }),
    async close() {
      gone ??= 'closed'
      await worker.terminate()
    },
  }
}
