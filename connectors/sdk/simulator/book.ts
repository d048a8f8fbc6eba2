import { mkdir, open, readFile, truncate } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/** One document a simulator holds. A simulator may add fields of its own; they are kept and shown. */
export interface BookEntry {
  readonly id: string
  readonly number: string
  readonly kind: string
  readonly status: string
  readonly reference?: string
  readonly body: unknown
}

/**
 * The append-only book: a later entry with the same id replaces the state shown, nothing is ever rewritten.
 * Reading shows only what is on disk.
 */
export interface Book {
  /** Resolves when the entry is flushed to disk; concurrent appends share a flush, in the order of the calls. */
  append(entry: BookEntry): Promise<void>
  /** The latest state of each document, in order of creation. */
  list(kind?: string): BookEntry[]
  get(id: string): BookEntry | undefined
  /** Every state of one document, oldest first. */
  history(id: string): BookEntry[]
  /** Any other fact that has to survive, e.g. a closed period. */
  note(record: object): Promise<void>
  notes(): object[]
}

/** A book with its file. */
export interface OpenBook extends Book {
  close(): Promise<void>
}

type Line = { readonly entry: BookEntry } | { readonly note: object }

/** Opens `<folder>/book.jsonl`, one JSON line a record. A torn last line is what a kill leaves; it is cut off. */
export async function openBook(folder: string): Promise<OpenBook> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'book.jsonl')
  const states = new Map<string, BookEntry[]>()
  const notes: object[] = []
  const apply = (line: Line): void => {
    if ('note' in line) notes.push(line.note)
    else if (!states.get(line.entry.id)?.push(line.entry)) states.set(line.entry.id, [line.entry])
  }
  for (const line of await readLines(file)) apply(line)
  const log = flushedLog(await open(file, 'a'))
  const write = async (line: Line): Promise<void> => {
    await log.append(`${JSON.stringify(line)}\n`, () => apply(line))
  }
  return {
    append: (entry) => write({ entry }),
    note: (note) => write({ note }),
    list: (kind) => latest(states).filter((entry) => kind === undefined || entry.kind === kind),
    get: (id) => states.get(id)?.at(-1),
    history: (id) => [...(states.get(id) ?? [])],
    notes: () => [...notes],
    close: log.close,
  }
}

const latest = (states: Map<string, BookEntry[]>): BookEntry[] => [...states.values()].flatMap((all) => all.slice(-1))

async function readLines(file: string): Promise<Line[]> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  })
  const whole = bytes.lastIndexOf(0x0a) + 1
  if (whole < bytes.length) await truncate(file, whole)
  return bytes
    .toString('utf8', 0, whole)
    .split('\n')
    .filter((text) => text !== '')
    .map(readLine)
}

function readLine(text: string, index: number): Line {
  try {
    const line: Line = JSON.parse(text)
    return line
  } catch (cause) {
    throw new Error(`the book is damaged at line ${index + 1}`, { cause })
  }
}

interface Waiting {
  readonly text: string
  readonly done: () => void
  readonly failed: (cause: unknown) => void
}

/** Group commit: what arrives while a flush is under way goes out together with the next one. */
function flushedLog(handle: FileHandle): {
  append(text: string, onDisk: () => void): Promise<void>
  close(): Promise<void>
} {
  let waiting: Waiting[] = []
  let flushing: Promise<void> | undefined
  let broken: unknown
  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        // After a failed write nobody knows what the file holds, so nothing is ever written behind it.
        if (broken) throw broken
        await handle.appendFile(batch.map((one) => one.text).join(''))
        await handle.datasync()
        for (const one of batch) one.done()
      } catch (cause) {
        broken = cause
        for (const one of batch) one.failed(cause)
      }
    }
    flushing = undefined
  }
  return {
    append: (text, onDisk) =>
      new Promise((resolve, reject) => {
        waiting.push({ text, failed: reject, done: () => (onDisk(), resolve()) })
        flushing ??= flush()
      }),
    close: async () => {
      await flushing
      await handle.close()
    },
  }
}
