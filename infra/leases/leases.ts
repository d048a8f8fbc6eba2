import { randomUUID } from 'node:crypto'
import { ask, inTransaction } from '../postgres/transaction.ts'
import type { Database, Session } from '../postgres/driver.ts'
import { partCount } from '../store/parts.ts'

export interface Lease {
  readonly part: number
  readonly epoch: number
}

/** What a heartbeat learned. */
export interface Beat {
  /** Those who live, in one order for all. */
  readonly members: readonly string[]
  readonly mine: readonly Lease[]
}

/**
 * The leases of an installation, for one member. Time is the database's: a member that has not said for a whole term that it
 * lives is dead, and a name never comes back. So a row that is gone proves that nobody of that name owns anything.
 */
export class Leases {
  readonly name: string

  /** `term` ms is how long a heartbeat is good for. */
  constructor(
    private readonly database: Database,
    private readonly term: number,
    label = 'worker',
  ) {
    this.name = `${label}-${randomUUID()}`
  }

  /** Becomes a member. */
  async enter(): Promise<void> {
    await inTransaction(this.database, async (session) => {
      await ask(session, everyPart, [partCount])
      await ask(session, addMember, [this.name, this.term])
    })
  }

  /** Says that this member lives, and buries the dead. Undefined when it was taken for dead itself. */
  beat(): Promise<Beat | undefined> {
    return inTransaction(this.database, async (session) => {
      const { count } = await ask(session, live, [this.name, this.term])
      if (count === 0) return undefined
      await ask(session, bury)
      const { rows } = await ask(session, 'SELECT name FROM members ORDER BY name')
      return { members: rows.map((row) => String(row['name'])), mine: await this.leases(session, mineNow, [this.name]) }
    })
  }

  /** Takes so many of those that nobody owns, each with a new epoch; fewer, when others are faster. */
  take(count: number): Promise<readonly Lease[]> {
    return inTransaction(this.database, (session) => this.leases(session, takeFree, [this.name, count]))
  }

  async release(parts: readonly number[]): Promise<void> {
    await inTransaction(this.database, (session) => ask(session, giveBack, [this.name, parts]))
  }

  /** Is no member any more, and owns nothing. */
  async leave(): Promise<void> {
    await inTransaction(this.database, (session) => ask(session, 'DELETE FROM members WHERE name = $1', [this.name]))
  }

  private async leases(session: Session, sql: string, values: readonly (string | number)[]): Promise<Lease[]> {
    const { rows } = await ask(session, sql, values)
    return rows.map((row) => ({ part: Number(row['part']), epoch: Number(row['epoch']) }))
  }
}

/** Ms since 1970, by the database. */
const now = '(extract(epoch FROM now()) * 1000)::bigint'

const everyPart = `INSERT INTO leases (part, epoch) SELECT part, 0 FROM generate_series(0, $1::bigint - 1) AS part
  ON CONFLICT (part) DO NOTHING`

const addMember = `INSERT INTO members (name, expires_at) VALUES ($1, ${now} + $2::bigint)`

const live = `UPDATE members SET expires_at = ${now} + $2::bigint WHERE name = $1`

/** One that is just saying that it lives is passed by. */
const bury = `DELETE FROM members WHERE name IN
  (SELECT name FROM members WHERE expires_at <= ${now} FOR UPDATE SKIP LOCKED)`

const mineNow = 'SELECT part, epoch FROM leases WHERE owner = $1 ORDER BY part'

/** One whose old owner has a commit under way is passed by. */
const takeFree = `WITH free AS MATERIALIZED (
    SELECT part FROM leases WHERE owner IS NULL OR NOT EXISTS (SELECT FROM members WHERE name = owner)
    ORDER BY part LIMIT $2::bigint FOR UPDATE SKIP LOCKED)
  UPDATE leases SET owner = $1, epoch = epoch + 1 FROM free WHERE leases.part = free.part
  RETURNING leases.part, leases.epoch`

const giveBack = 'UPDATE leases SET owner = NULL WHERE owner = $1 AND part = ANY($2::bigint[])'
