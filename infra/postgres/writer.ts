import { HubError } from '@shuniu/contracts'
import type { Flusher, Settled } from '../store/committer.ts'
import type { Change, Fence } from '../store/port.ts'
import { applyCommit, type Outcome } from './apply.ts'
import { isAway, sqlState, type Database, type Reply, type Session, type Statement } from './driver.ts'
import { locksOf, lockStatements } from './locks.ts'
import { pastSql } from './past.ts'
import { usesIds } from './statements.ts'
import { begin, commit, undone } from './transaction.ts'

type Commits = readonly (readonly Change[])[]

/** Groups that got in each other's way (deadlock, serialisation): one of them is repeated from its beginning, so often at most. */
const most = 10
const passing: readonly unknown[] = ['40P01', '40001']
const diskFull = '53100'

/**
 * Applies groups of commits, each group in one transaction. At first all of it is sent at once; when nothing is refused, a
 * group costs two ways there and back. Else it is undone, and done again with a savepoint for each commit.
 */
export class Writer implements Flusher {
  /** `seen`: how far the database was when this process began to count on it. */
  constructor(
    private readonly database: Database,
    private readonly epoch: number,
    private readonly seen: Seen = { timeline: undefined, ledger: 0 },
  ) {}

  async flush(commits: Commits): Promise<Settled[]> {
    for (let time = 1; ; time++) {
      try {
        return (await this.inOne(commits, together)) ?? (await this.inOne(commits, oneByOne)) ?? []
      } catch (error) {
        if (sqlState(error) === diskFull) throw new HubError('store.full', {}, { cause: error })
        if (!passing.includes(sqlState(error)) || time === most) throw error
      }
    }
  }

  close(): Promise<void> {
    return this.database.close()
  }

  /** One transaction around a group; undefined when it was undone because a commit has to be undone alone. */
  private async inOne(commits: Commits, way: Way): Promise<Settled[] | undefined> {
    const session = await this.database.session()
    const before = this.seen.ledger
    try {
      const opening = Promise.all(openingOf(commits).map(({ text, values }) => session.send(text, values)))
      const outcomes = await way(session, commits, opening)
      const isCurrent = this.isCurrent(await opening, before)
      if (outcomes && isCurrent) {
        await commit(this.database, session, totalsOf(outcomes))
        return outcomes.map(settledOf)
      }
      await session.send('ROLLBACK')
      return isCurrent === false ? commits.map(() => ({ outcome: { is: 'stale' } })) : undefined
    } catch (error) {
      throw await undone(this.database, session, error)
    } finally {
      session.release()
    }
  }

  /** Whether this is the store, and the past, that this process counts on; undefined when it could not be seen. */
  private isCurrent(opening: readonly Reply[], before: number): boolean | undefined {
    const last = opening.at(-1)
    if (last === undefined || 'error' in last) return undefined
    const [row] = last.rows
    const [timeline, ledger] = [String(row?.['timeline']), Number(row?.['ledger'])]
    this.seen.timeline ??= timeline
    if (row?.['value'] !== String(this.epoch) || timeline !== this.seen.timeline || ledger < before) return false
    this.seen.ledger = Math.max(this.seen.ledger, ledger)
    return true
  }
}

/** What of a database's past a process has seen: a database that knows less, or has another past, was exchanged under it. */
export interface Seen {
  /** Raised when a standby takes over, or a backup is restored to a moment. */
  timeline: string | undefined
  /** Highest id in the ledger. */
  ledger: number
}

/**
 * Begins, takes the locks, and looks whose turn it is. The epochs' rows, of the store and of the partitions, are locked for
 * sharing: whoever raises one waits for what is under way, and what comes behind is refused.
 */
function openingOf(commits: Commits): Statement[] {
  const epoch = { text: whoseTurn, values: [] }
  const parts = [...new Set(commits.flatMap((changes) => fencesOf(changes).map(({ fence }) => fence)))]
  const leases = parts.length === 0 ? [] : [{ text: leasesNow, values: [parts] }]
  return [{ text: begin, values: [] }, ...lockStatements(locksOf(commits)), ...leases, epoch]
}

/** With the epoch, what tells a failed-over or restored database: its timeline, and how far its ledger goes. */
const whoseTurn = `SELECT value, ${pastSql} FROM meta WHERE name = 'epoch' FOR SHARE`

const leasesNow = 'SELECT part, epoch FROM leases WHERE part = ANY($1::bigint[]) ORDER BY part FOR SHARE'

const fencesOf = (changes: readonly Change[]): Fence[] => changes.filter((change) => 'fence' in change)

/** The partition that a commit counts on and that is somebody else's now. */
function lostIn(changes: readonly Change[], opening: readonly Reply[]): number | undefined {
  const fences = fencesOf(changes)
  const leases = fences.length === 0 ? undefined : opening.at(-2)
  if (leases === undefined || 'error' in leases) return undefined
  const isHeld = ({ fence, epoch }: Fence): boolean =>
    leases.rows.some((row) => row['part'] === fence && row['epoch'] === epoch)
  return fences.find((fence) => !isHeld(fence))?.fence
}

/** How the commits of a group are applied behind what opens it; nothing is being sent any more when it resolves or rejects. */
type Way = (session: Session, commits: Commits, opening: Promise<readonly Reply[]>) => Promise<Outcome[] | undefined>

/** Without waiting for anything; undefined when one of them was not done. */
const together: Way = async (session, commits, opening) => {
  const applied: Promise<Outcome>[] = []
  for (const changes of commits) {
    const outcome = applyCommit(session, changes)
    applied.push(outcome)
    // It has not sent everything yet, and the next commit comes behind it.
    if (changes.some(usesIds)) await outcome
  }
  const outcomes = await Promise.all(applied)
  const opened = await opening
  const areHeld = commits.every((changes) => lostIn(changes, opened) === undefined)
  return areHeld && outcomes.every(({ is }) => is === 'done') ? outcomes : undefined
}

/** Each in a savepoint: what is refused or fails is undone alone. */
const oneByOne: Way = async (session, commits, opening) => {
  const opened = await opening
  const failed = opened.find((reply) => 'error' in reply)
  if (failed) throw failed.error
  const outcomes: Outcome[] = []
  for (const changes of commits) {
    const part = lostIn(changes, opened)
    if (part !== undefined) {
      outcomes.push({ is: 'stale', part })
      continue
    }
    void session.send('SAVEPOINT one')
    const outcome = await applyCommit(session, changes)
    if (outcome.is === 'failed' && isOfAll(outcome.error)) throw outcome.error
    if (outcome.is !== 'done') void session.send('ROLLBACK TO one')
    void session.send('RELEASE one')
    outcomes.push(outcome)
  }
  return outcomes
}

/** Not the commit's own fault: the connection, another group, the disk. */
function isOfAll(error: unknown): boolean {
  const state = sqlState(error)
  return isAway(error) || state === diskFull || passing.includes(state)
}

/**
 * Totals are added last, in one order: every group changes the same few rows, and holds them only while the disk is
 * waited for.
 */
function totalsOf(outcomes: readonly Outcome[]): Statement[] {
  const totals = new Map<string, number>()
  for (const outcome of outcomes)
    if (outcome.is === 'done')
      for (const { count, by } of outcome.counts) totals.set(count, (totals.get(count) ?? 0) + by)
  const sorted = [...totals].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return sorted.length === 0
    ? []
    : [{ text: addTotals, values: [sorted.map(([name]) => name), sorted.map(([, by]) => by)] }]
}

const addTotals = `INSERT INTO counters (name, value) SELECT * FROM unnest($1::text[], $2::bigint[])
  ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value`

function settledOf(outcome: Outcome): Settled {
  if (outcome.is === 'failed') return { error: outcome.error }
  return { outcome: outcome.is === 'done' ? { is: 'done', ids: outcome.ids } : outcome }
}
