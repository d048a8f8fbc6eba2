import { parentPort, workerData } from 'node:worker_threads'
import type { Change } from '../store/port.ts'
import { isFull, openWriter } from './connection.ts'
import { Writer } from './writer.ts'

/** The worker's side of `inWorker`: groups come in, what became of them goes out. */
const { file, epoch } = workerData as { file: string; epoch: number }
const writer = new Writer(openWriter(file), epoch)

parentPort?.on('message', (commits: Change[][]) => {
  try {
    parentPort?.postMessage({ settled: writer.flush(commits) })
  } catch (error) {
    parentPort?.postMessage({ full: isFull(error), error: error instanceof Error ? error.message : String(error) })
  }
})
