import { setTimeout as pause } from 'node:timers/promises'
import { HubError, once, type EventReader, type HubEvent, type KafkaRecord, type SeenEvents } from '@shuniu/client'

/** How a handler that fails is tried again. */
export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number
  /** ms before the second try; doubles each time. */
  readonly firstPause: number
  readonly longestPause: number
}

export const usualRetry: RetryPolicy = { attempts: 5, firstPause: 200, longestPause: 10_000 }

/** A record that was given up: nobody can read it, or its handler failed every time. */
export interface GivenUp {
  readonly record: KafkaRecord
  /** What it says; undefined when it could not be read. */
  readonly event: HubEvent | undefined
  readonly error: unknown
  readonly attempts: number
}

export interface Delivery {
  readonly reader: Pick<EventReader, 'read'>
  readonly seen: SeenEvents
  readonly retry: RetryPolicy
  /** Resolves when the event is handled. */
  dispatch(event: HubEvent, record: KafkaRecord): Promise<void>
  /** Takes what was given up; the partition goes on when it resolves. */
  givenUp(given: GivenUp): Promise<void> | void
  /** Something is tried again. */
  failed(message: string, error: unknown): void
}

/** The partition goes to another member, or we close: what is not done is done there. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned'
}

/** Looks so often whether the work is still ours while it waits, ms. */
const slice = 250

/**
 * Brings one record to its handler, once. A registry that does not answer is waited for: nothing is wrong with the event.
 * What nobody can read is given up at once, what a handler refuses after the last try. `isOurs` ends every wait.
 */
export async function deliver(delivery: Delivery, record: KafkaRecord, isOurs: () => boolean): Promise<void> {
  const { reader, seen, retry, dispatch, failed } = delivery
  let event: HubEvent | undefined
  for (let attempt = 1; ; attempt++) {
    try {
      event ??= await reader.read(record)
      const read = event
      await once(read, seen, () => dispatch(read, record))
      return
    } catch (error) {
      const isUnreachable = isCode(error, 'client.')
      const isUnreadable = !event && !isUnreachable
      if (isUnreadable || (!isUnreachable && attempt >= retry.attempts)) {
        return giveUp(delivery, { record, event, error, attempts: attempt }, isOurs)
      }
      failed(`${placeOf(record)} is tried again (${attempt})`, error)
      await wait(pauseAfter(attempt, retry), isOurs)
    }
  }
}

/** Nobody passes over a record that nobody has taken. */
async function giveUp(delivery: Delivery, given: GivenUp, isOurs: () => boolean): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await delivery.givenUp(given)
    } catch (error) {
      delivery.failed(`${placeOf(given.record)} was given up, and nobody took it`, error)
      await wait(pauseAfter(attempt, delivery.retry), isOurs)
    }
  }
}

function pauseAfter(attempt: number, { firstPause, longestPause }: RetryPolicy): number {
  return Math.min(longestPause, firstPause * 2 ** Math.min(attempt - 1, 30))
}

async function wait(ms: number, isOurs: () => boolean): Promise<void> {
  for (let left = ms; left > 0; left -= slice) {
    if (!isOurs()) throw new Abandoned()
    await pause(Math.min(slice, left))
  }
  if (!isOurs()) throw new Abandoned()
}

function isCode(error: unknown, area: string): boolean {
  return error instanceof HubError && error.code.startsWith(area)
}

export function placeOf({ topic, partition = 0, offset = 0 }: KafkaRecord): string {
  return `${topic}/${partition}@${offset}`
}
