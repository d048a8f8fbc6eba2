import { sleep } from '@shuniu/infra/time'
import type { Sink, Stream } from '@shuniu/sdk'
import { openGateway } from './gateway.ts'
import type { Session } from './session.ts'
import type { Settings } from './settings.ts'
import { StreamConnection } from './stream-connection.ts'

const SHORTEST_GAP = 1000
const LONGEST_GAP = 60_000
/** A connection that lived this long was a good one: the gaps start small again. */
const GOOD = 10_000

/** Stream mode (dingtalk.md §3): we open the connection, so no public address is needed. */
export const stream: Stream<Settings, Session> = {
  title: { en: 'Event stream (WebSocket)', zh: 'Stream 模式（长连接）' },
  wanted: (settings) => settings.stream,
  async run(session, sink, signal) {
    const line = new Line(session, sink, signal)
    for (let failures = 0; !signal.aborted;) {
      const { lived, onNotice } = await line.serve()
      failures = lived >= GOOD ? 0 : failures + 1
      // The first replacement on notice is made at once: the old connection is about to fall silent.
      if (failures > (onNotice ? 1 : 0)) await sleep(session.ground.clock, gap(session, failures), signal)
    }
    await line.close()
  },
}

/** Growing, with full jitter. */
function gap({ ground }: Session, failures: number): number {
  return Math.ceil(ground.random.next() * Math.min(LONGEST_GAP, SHORTEST_GAP * 2 ** Math.min(failures - 1, 10)))
}

/** The connections of one application: one, or two while a new one takes over from the old. up ↔ down. */
class Line {
  private readonly connections = new Set<StreamConnection>()
  /** Since when (uptime) no connection was open. */
  private downSince: number | undefined
  private readonly aborted: Promise<unknown>

  constructor(
    private readonly session: Session,
    private readonly sink: Sink,
    private readonly signal: AbortSignal,
  ) {
    this.downSince = session.ground.clock.uptime()
    this.aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  }

  /** Opens a connection and waits until another is needed: how long (ms) that took, and whether the platform gave notice. */
  async serve(): Promise<{ lived: number; onNotice: boolean }> {
    const { clock } = this.session.ground
    try {
      const url = await openGateway(this.session)
      this.signal.throwIfAborted()
      const connection = await StreamConnection.open(url, this.sink, this.session.ground, this.signal)
      const openedAt = clock.uptime()
      this.up(connection)
      const ending = await Promise.race([connection.leaving, this.aborted])
      return { lived: clock.uptime() - openedAt, onNotice: ending === 'notice' }
    } catch (error) {
      this.lost(error instanceof Error ? error.message : String(error))
      return { lived: 0, onNotice: false }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.connections].map((connection) => connection.close()))
  }

  private up(connection: StreamConnection): void {
    const { clock, log } = this.session.ground
    this.connections.add(connection)
    void connection.closed.then((because) => this.down(connection, because))
    const since = this.downSince
    this.downSince = undefined
    log.info('dingtalk.stream-open', since === undefined ? { replaces: true } : { downMs: clock.uptime() - since })
    if (since !== undefined) this.sink.connected(clock.uptime() - since)
  }

  private down(connection: StreamConnection, because: string): void {
    this.connections.delete(connection)
    if (this.connections.size === 0) this.lost(because)
  }

  private lost(because: string): void {
    if (this.signal.aborted || this.connections.size > 0) return
    const { clock, log } = this.session.ground
    this.downSince ??= clock.uptime()
    log.warn('dingtalk.stream-lost', { because })
    this.sink.disconnected(because)
  }
}
