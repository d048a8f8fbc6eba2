import { hash } from 'node:crypto'
import { isRecord, type Value } from '@shuniu/contracts'
import { packValue, unpackValue } from '@shuniu/infra/json'
import type { Row } from '@shuniu/infra/store'
import { park } from './standing.ts'

export const entryKinds = ['look-up', 'each', 'clock', 'effect', 'emit'] as const
export type EntryKind = (typeof entryKinds)[number]

/** One thing a run learned or did. `asked` identifies the question, `version` what the answer rests on. */
export interface Entry {
  readonly path: string
  readonly kind: EntryKind
  readonly asked: string
  readonly answer: Value
  readonly version?: string
}

/** Entries as one commit says them: `first` = number of those before. */
export interface Part {
  readonly first: number
  readonly entries: readonly Entry[]
}

/** What of an effect's commit is kept when its run is executed again: what may exist, or is settled for good. */
const keptStates: readonly string[] = ['sending', 'in doubt', 'accepted', 'confirmed', 'given up']

/**
 * A run resumes by being executed again from the top. While entries are kept, every question gets its kept answer,
 * in order; a question that differs parks the run as `journal-mismatch`. After them answers are learned afresh.
 */
export class Journal {
  private at = 0
  private written: number
  private fresh: Entry[] = []

  constructor(private readonly kept: readonly Entry[] = []) {
    this.written = kept.length
  }

  /** The kept answer to this question, if it was asked before. */
  recall(path: string, kind: EntryKind, asked: string): Entry | undefined {
    const entry = this.kept[this.at]
    if (!entry) return undefined
    if (entry.path !== path || entry.kind !== kind || entry.asked !== asked) throw mismatch(entry, path, kind)
    this.at++
    return entry
  }

  note(entry: Entry): void {
    this.fresh.push(entry)
  }

  /** What the commit before an effect has to say: everything learned so far. */
  unwritten(): Part {
    return { first: this.written, entries: this.fresh }
  }

  /** What a commit that precedes no effect has to say: up to the last event emitted. What was learned after it is not kept. */
  emitted(): Part | undefined {
    const last = this.fresh.findLastIndex(({ kind }) => kind === 'emit')
    return last === -1 ? undefined : { first: this.written, entries: this.fresh.slice(0, last + 1) }
  }

  /** Called when the commit that said it is durable. */
  wrote({ entries }: Part): void {
    this.written += entries.length
    this.fresh = this.fresh.slice(entries.length)
  }
}

function mismatch(entry: Entry, path: string, kind: EntryKind): Error {
  return park('journal-mismatch', {
    step: path,
    message: {
      en: `The journal has ${entry.kind} at ${entry.path} where the flow now asks for ${kind} at ${path}.`,
      zh: `运行日志在此处记录的是 ${entry.path} 的 ${entry.kind}，而流程现在要求 ${path} 的 ${kind}。`,
    },
  })
}

/** Short identity of a question: its arguments or an effect's input; itself, if that is no longer than a hash. */
export function askedOf(value: Value): string {
  const text = packValue(value)
  return text.length <= 22 ? text : hash('sha256', text, 'base64url').slice(0, 22)
}

export function packEntries(entries: readonly Entry[]): string {
  return packValue(
    entries.map(({ path, kind, asked, answer, version }) => ({
      p: path,
      k: kind,
      q: asked,
      a: answer,
      v: version ?? null,
    })),
  )
}

/** What `packEntries` wrote. */
export function unpackEntries(text: string): Entry[] {
  const list: Value = unpackValue(text)
  return Array.isArray(list) ? list.flatMap((one: Value) => (isRecord(one) ? entryOf(one) : [])) : []
}

function entryOf({ p, k, q, a, v }: Readonly<Record<string, Value>>): Entry[] {
  const kind = entryKinds.find((one) => one === k)
  if (!kind || typeof p !== 'string' || typeof q !== 'string') return []
  return [{ path: p, kind, asked: q, answer: a ?? null, ...(typeof v === 'string' ? { version: v } : {}) }]
}

/** The journal a run resumes with: its commits in order, without those whose effect certainly does not exist. */
export function restoreJournal(
  rows: readonly Pick<Row<'journal'>, 'first' | 'entries'>[],
  effects: readonly Pick<Row<'effects'>, 'state' | 'journal_first' | 'journal'>[],
): Journal {
  const parts = [
    ...rows,
    ...effects
      .filter(({ state }) => keptStates.includes(state))
      .map(({ journal_first, journal }) => ({ first: journal_first, entries: journal })),
  ]
  const entries: Entry[] = []
  for (const part of parts.toSorted((a, b) => a.first - b.first)) {
    if (part.first > entries.length) break
    entries.length = part.first
    entries.push(...unpackEntries(part.entries))
  }
  return new Journal(entries)
}
