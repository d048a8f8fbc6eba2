import type { Contract } from '@shuniu/contracts'
import type { Change, CommitOutcome, EventRow, Store } from '@shuniu/infra/store'
import type { Counter, Metrics } from '@shuniu/infra/telemetry'

/** Totals of promise 2 that only grow while they are reached, and the state of a receipt each stands for. */
const reached = {
  'receipts.accepted': 'received',
  'receipts.published': 'published',
  'receipts.skipped': 'skipped',
  'receipts.parked': 'parked',
} as const

/** The store as it is; what its commits say of receipts and events is counted once it is durable. */
export function countCommits(
  store: Store,
  { receipts, events, eventAmount }: Pick<Metrics, 'receipts' | 'events' | 'eventAmount'>,
  contracts: readonly Contract[],
): Store {
  const counters = new Map<string, Counter>(Object.entries(reached).map(([name, state]) => [name, receipts.of(state)]))
  const topics = new Map<string, Counter>(contracts.map(({ topic, type }) => [topic, events.of(type)]))
  const counterOf = (change: Change): Counter | undefined => {
    if ('count' in change) return change.by > 0 ? counters.get(change.count) : undefined
    return 'append' in change ? topics.get(change.append.topic) : undefined
  }
  const typeOf = new Map(contracts.map(({ topic, type }) => [topic, type]))
  const addEvent = (change: Change, { topic, worth }: EventRow): void => {
    counterOf(change)?.add()
    // A counter never goes back.
    if (worth && worth.amount > 0) eventAmount.of(typeOf.get(topic) ?? topic, worth.currency).add(worth.amount)
  }
  const count = (changes: readonly Change[], outcome: CommitOutcome): CommitOutcome => {
    if (outcome.is !== 'done') return outcome
    changes.forEach((change, at) => {
      if ('count' in change) counterOf(change)?.add(change.by)
      // Without a place, the event was in the log already.
      else if ('append' in change && outcome.ids[at] !== undefined) addEvent(change, change.append)
    })
    return outcome
  }
  return {
    ...store,
    commit(changes) {
      const committed = store.commit(changes)
      return changes.some(counterOf) ? committed.then((outcome) => count(changes, outcome)) : committed
    },
  }
}
