import type { Book, FaultPlan } from '@shuniu/sdk/simulator'
import { z } from 'zod'
import type { CallbackPush } from './callback.ts'
import { failedItem } from './events.ts'
import type { PushEvent } from './events.ts'
import type { StreamGateway } from './stream.ts'
import { localMonth } from './times.ts'

export interface PublisherSettings {
  /** Event types ticked in the console, `bpms_instance_change` or narrower `bpms_instance_change/finish`. */
  readonly ticked: readonly string[]
  /** ms before each further attempt; after the last one the event is given up. */
  readonly redeliver: readonly number[]
  /** ms until a given-up event shows in the failed list. */
  readonly failedAfter: number
  /** Events a month; 0 = no end. Above it they stop silently (dingtalk.md §8). */
  readonly quota: number
  /** Stream and callback both get each event, not the stream alone. */
  readonly both: boolean
}

/** Sends events out, again when they were not taken, and keeps those given up for the failed list. */
export interface Publisher {
  isTicked(event: PushEvent): boolean
  publish(event: PushEvent): void
  /** At most 200 events that were given up; they are removed (dingtalk.md §2.2). */
  takeFailed(): Promise<{ items: object[]; more: boolean }>
  close(): void
}

const FAILED_PER_CALL = 200
/** A held-back push goes out at the latest after this, when no other follows. */
const HELD_FOR = 5000

type Send = (event: PushEvent) => Promise<boolean>

interface Ground {
  readonly stream: StreamGateway
  readonly callback: CallbackPush
  readonly book: Book
  readonly faults: FaultPlan
  now(): number
}

export function openPublisher(ground: Ground, settings: PublisherSettings): Publisher {
  const { stream, callback, faults, now } = ground
  const failed = failedList(ground.book, settings.failedAfter, now)
  const timers = new Set<NodeJS.Timeout>()
  const held: PushEvent[] = []
  let closed = false
  const used = { month: '', events: 0 }

  const after = (ms: number, work: () => void): void => {
    if (closed) return
    const timer = setTimeout(() => (timers.delete(timer), work()), ms)
    timers.add(timer)
  }
  const attempt = async (event: PushEvent, send: Send, made: number): Promise<void> => {
    if (await send(event)) return
    const wait = settings.redeliver[made]
    if (wait !== undefined) after(wait, () => void attempt(event, send, made + 1))
    else if (!closed) await failed.add(event)
  }
  const byEither: Send = (event) => (stream.connected > 0 ? stream.send(event) : callback.send(event))
  const bySettings: readonly Send[] = settings.both
    ? [(event) => stream.send(event), (event) => callback.send(event)]
    : [byEither]
  const deliver = (event: PushEvent): void => bySettings.forEach((send) => void attempt(event, send, 0))
  const isWithinQuota = (): boolean => {
    const month = localMonth(now())
    if (used.month !== month) Object.assign(used, { month, events: 0 })
    used.events += 1
    return settings.quota === 0 || used.events <= settings.quota
  }
  const releaseHeld = (): void => held.splice(0).forEach(deliver)

  return {
    isTicked: ({ eventType, type }) =>
      settings.ticked.includes(eventType) || settings.ticked.includes(`${eventType}/${type}`),
    publish(event) {
      if (!isWithinQuota()) return
      const taken = faults.take('push', 'push')
      if (taken?.fault === 'lost-push') return
      if (taken?.fault === 'reordered-push') {
        held.push(event)
        after(taken.ms ?? HELD_FOR, releaseHeld)
        return
      }
      deliver(event)
      if (taken?.fault === 'duplicate-push') deliver(event)
      releaseHeld()
    },
    takeFailed: () => failed.take(),
    close() {
      closed = true
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

const givenUpNote = z.object({
  givenUp: z.object({
    at: z.number(),
    event: z.object({
      eventId: z.string(),
      eventType: z.string(),
      type: z.string(),
      bornAt: z.number(),
      data: z.record(z.string(), z.unknown()),
    }),
  }),
})
type GivenUp = z.infer<typeof givenUpNote>['givenUp']

/** Given-up events, kept in the book's notes; a start reads them again. */
function failedList(book: Book, showAfter: number, now: () => number) {
  const waiting: GivenUp[] = []
  for (const note of book.notes()) {
    if ('givenUp' in note) waiting.push(givenUpNote.parse(note).givenUp)
    if ('failedListRead' in note) waiting.splice(0, Number(note.failedListRead))
  }
  return {
    async add(event: PushEvent): Promise<void> {
      const givenUp: GivenUp = { event, at: now() }
      waiting.push(givenUp)
      await book.note({ givenUp })
    },
    async take(): Promise<{ items: object[]; more: boolean }> {
      const ripe = waiting.findIndex(({ at }) => at > now() - showAfter)
      const size = Math.min(ripe < 0 ? waiting.length : ripe, FAILED_PER_CALL)
      const taken = waiting.splice(0, size)
      if (size > 0) await book.note({ failedListRead: size })
      const next = waiting[0]
      return {
        items: taken.map(({ event }) => failedItem(event)),
        more: next !== undefined && next.at <= now() - showAfter,
      }
    },
  }
}
