import type { Change } from '@shuniu/infra/store'
import type { Hand, LedgerGround } from './ground.ts'

const mark = 'first send'

/** What a store says that has sent to this connection before. */
export function sentBefore(connection: string, now: number): Change {
  return { upsert: 'cursors', row: { connection, name: mark, value: String(now) } }
}

/**
 * Before a store sends to a connection for the first time: a document there that carries a hub's reference was made by an
 * installation that this store knows nothing of (a new data folder for an old project). Then nothing is sent before its
 * absence is shown: resync mode.
 */
export class FirstSend {
  private readonly asked = new Map<string, Promise<void>>()

  constructor(private readonly ground: Pick<LedgerGround, 'store' | 'clock' | 'log' | 'openResync'>) {}

  /** Asks at most once. Throws `CallFailure` when nobody can tell now. */
  async before(hand: Pick<Hand, 'call' | 'connection' | 'operation'>): Promise<void> {
    const { connection } = hand.call
    const known = this.asked.get(connection) ?? this.ask(hand)
    this.asked.set(connection, known)
    try {
      await known
    } catch (error) {
      this.asked.delete(connection)
      throw error
    }
  }

  private async ask({
    call: { connection },
    connection: { link },
    operation,
  }: Pick<Hand, 'call' | 'connection' | 'operation'>): Promise<void> {
    const { hasOurs } = operation.definition
    const { store, clock, log } = this.ground
    if (!hasOurs || (await this.hasSent(connection))) return
    if (await hasOurs(link)) {
      log.warn('ledger.not-the-first', { connection })
      await this.ground.openResync()
    }
    await store.commit([sentBefore(connection, clock.now())])
  }

  private async hasSent(connection: string): Promise<boolean> {
    const { store } = this.ground
    if ((await store.select('cursors', { connection, name: mark })).length > 0) return true
    return (await store.select('effects', { connection }, { limit: 1 })).length > 0
  }
}
