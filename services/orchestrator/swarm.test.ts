import { HubError, parkReasons, type FailureClass, type HubEvent } from '@shuniu/contracts'
import { seededRandom, type Random } from '@shuniu/infra/time'
import { describe, expect, test } from 'vitest'
import type { TestHub } from './test-hub.ts'
import { accounts, openPayments, payment, withdrawal } from './test-payments.ts'
import type { Fault, Target } from './test-target.ts'

const hour = 3_600_000
const seeds = 200
const events = 20
const keys = ['A', 'B', 'C', 'D', 'E']

/** Everything that is drawn for one seed. */
class Dice {
  constructor(private readonly random: Random) {}

  below(count: number): number {
    return Math.floor(this.random.next() * count)
  }

  chance(probability: number): boolean {
    return this.random.next() < probability
  }

  of<T>(list: readonly T[]): T {
    const drawn = list[this.below(list.length)]
    if (drawn === undefined) throw new Error('nothing to draw from')
    return drawn
  }
}

const refusals: readonly FailureClass[] = ['transient', 'throttled', 'auth', 'fatal', 'invalid']

/** Each kind of trouble with a rate of its own, some of them not at all. */
function weatherOf(dice: Dice): Target['weather'] {
  const rate = (most: number): number => (dice.chance(0.5) ? dice.below(100) * (most / 100) : 0)
  const rates: readonly (readonly [number, () => Fault])[] = [
    [rate(0.3), () => 'lose'],
    [rate(0.3), () => 'lose-answer'],
    [rate(0.2), () => ({ late: 1_000 + dice.below(100_000) })],
    [rate(0.2), () => ({ refuse: dice.of(refusals) })],
    [rate(0.3), () => 'empty'],
  ]
  return () => rates.find(([probability]) => dice.chance(probability))?.[1]()
}

/** What an event of a swarm is; revisions of a key grow, and what is wrong with one stays wrong with it. */
function eventFor(dice: Dice, revisions: Map<string, number>): HubEvent {
  const key = dice.of(keys)
  const highest = revisions.get(key) ?? 0
  if (highest > 0 && dice.chance(0.2)) return withdrawal(key, highest)
  // The same once more, under its own event or another one; or one that comes late.
  if (highest > 0 && dice.chance(0.3)) {
    const revision = 1 + dice.below(highest)
    return payment(key, {
      ...flawOf(key, revision),
      revision,
      ...(dice.chance(0.5) ? { document: `${key}-again` } : {}),
    })
  }
  const revision = highest + 1 + (dice.chance(0.2) ? 1 : 0)
  revisions.set(key, revision)
  return payment(key, { ...flawOf(key, revision), revision })
}

/** Some documents are never booked: another currency, lines that do not add up. Some wait for a row of a table. */
function flawOf(key: string, revision: number): { currency?: string; lines?: string; category?: string } {
  switch ((key.charCodeAt(0) + revision * 3) % 7) {
    case 0:
      return { currency: 'USD' }
    case 1:
      return { lines: '99' }
    case 2:
      return { category: 'unknown' }
    default:
      return {}
  }
}

/** Waits for what is under way; when the hub dies meanwhile it is started again, at times after a reboot. */
async function survive(hub: TestHub, dice: Dice, work: Promise<unknown>): Promise<void> {
  await Promise.race([work, hub.life.died])
  if (!hub.life.isDead) return
  if (dice.chance(0.3)) hub.world.bootId = `boot-${dice.below(1_000_000)}`
  await hub.forget()
}

async function trouble(hub: TestHub, dice: Dice): Promise<void> {
  if (dice.chance(0.1)) {
    const when = dice.chance(0.5) ? 'before' : 'after'
    hub.life.crash = { commit: hub.life.commits + 1 + dice.below(8), when }
  }
  if (dice.chance(0.1)) hub.world.jump((dice.below(7_200) - 3_600) * 1_000)
  if (dice.chance(0.1)) hub.books.closed.add('2026-03')
  if (dice.chance(0.2)) hub.books.closed.clear()
  if (dice.chance(0.2)) await survive(hub, dice, retryParked(hub, 1))
}

/** A person looks at what is parked and retries it; what went on by itself meanwhile is refused to them. */
async function retryParked(hub: TestHub, limit: number): Promise<void> {
  for (const { id } of await hub.store.select('runs', { open: 'parked', reason: solvable }, { limit })) {
    await hub.orchestrator.parking.retry(id, { actor: 'swarm', reason: 'try again' }).catch((error: unknown) => {
      if (!(error instanceof HubError)) throw error
      expect(['park.changed-meanwhile', 'park.not-parked']).toContain(error.code)
    })
  }
}

/** What somebody can have put right. */
const solvable = parkReasons.filter((reason) => reason !== 'check-failed')

/** The storm is over, every row is there, and somebody retries what is parked: then everything must come to its end. */
async function calm(hub: TestHub, dice: Dice): Promise<void> {
  hub.life.crash = undefined
  hub.books.weather = () => undefined
  hub.office.weather = () => undefined
  hub.books.closed.clear()
  hub.setTable('account', `${accounts}unknown,6699\n`)
  if (dice.chance(0.5)) await hub.restart()
  for (let round = 0; round < 5; round++) {
    await hub.pass(2 * hour)
    await retryParked(hub, 1_000)
  }
}

async function storm(seed: number): Promise<void> {
  const dice = new Dice(seededRandom(seed))
  const hub = await openPayments({ random: seededRandom(seed + 1) })
  try {
    hub.books.weather = weatherOf(dice)
    hub.office.weather = weatherOf(dice)
    if (dice.chance(0.5)) hub.books.latency = () => dice.below(5_000)
    const told: HubEvent[] = []
    const revisions = new Map<string, number>()
    for (let number = 0; number < events; number++) {
      const event = eventFor(dice, revisions)
      told.push(event)
      await survive(hub, dice, hub.append(event))
      await trouble(hub, dice)
      if (dice.chance(0.6)) await survive(hub, dice, hub.pass(dice.below(400_000)))
    }
    await survive(hub, dice, hub.pass(1))
    await calm(hub, dice)
    await judge(hub, told)
  } finally {
    await hub.close()
  }
}

/** Target and ledger agree, nothing is doubled, nothing is lost, nothing is left under way. */
async function judge(hub: TestHub, told: readonly HubEvent[]): Promise<void> {
  const documents = hub.books.ours()
  expect(new Set(documents.map(({ reference }) => reference)).size).toBe(documents.length)
  const undone = documents.flatMap(({ of }) => of ?? [])
  expect(new Set(undone).size).toBe(undone.length)
  const effects = await hub.store.select('effects', { connection: 'books', state: 'confirmed' })
  expect(effects.map(({ document }) => document).toSorted()).toEqual(documents.map(({ id }) => id).toSorted())
  const standing = effects.filter(({ operation, undone_by }) => operation === 'voucher.save' && undone_by === null)
  expect(standing.map(({ key, revision }) => `${key} ${revision}`).toSorted()).toEqual(expected(told))
  const emitted = await hub.emitted()
  const count = (type: string): number => emitted.filter((one) => one === type).length
  expect(count('finance.voucher.created')).toBe(documents.filter(({ kind }) => kind === 'voucher').length)
  expect(count('finance.voucher.reversed')).toBe(undone.length)
  const { counted, recounted } = await hub.totals()
  expect(counted).toEqual(recounted)
  const open = await hub.store.select('runs', { open: ['queued', 'running', 'waiting', 'parked'] })
  expect(open.map(({ state, reason }) => `${state} ${reason}`).filter((one) => one !== 'parked check-failed')).toEqual(
    [],
  )
  expect(await hub.store.select('effects', { open: ['prepared', 'sending', 'in doubt'] })).toEqual([])
}

/** What stands in the end: of each key its highest revision, if it can be booked and was not taken back. */
function expected(told: readonly HubEvent[]): string[] {
  return keys.flatMap((key) => {
    const highest = (type: string): number =>
      Math.max(
        0,
        ...told
          .filter((one) => one.type === type && one.key === key)
          .map(({ data }) => Number(String(data['revision']))),
      )
    const revision = highest('approval.payment.approved')
    const { currency, lines } = flawOf(key, revision)
    const booked = revision > highest('approval.payment.withdrawn') && currency === undefined && lines === undefined
    return booked ? [`${key} ${revision}`] : []
  })
}

const given = Number(process.env['SEED'])
const all = Number.isNaN(given) ? Array.from({ length: seeds }, (_, index) => index + 1) : [given]

describe('a swarm of seeds', () => {
  test(`${events} events each, with every kind of trouble: books agree, nothing is doubled, lost or left`, async () => {
    for (const seed of all) {
      await storm(seed).catch((error: unknown) => {
        throw new Error(`SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
      })
    }
  }, 120_000)
})
