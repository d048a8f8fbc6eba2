import { Day } from '@shuniu/contracts'
import type { TableChange, Tables } from '@shuniu/infra/config'
import type { Store } from '@shuniu/infra/store'
import type { Clock, Timer } from '@shuniu/infra/time'
import { tableTag } from '@shuniu/orchestrator'
import type { ConnectorDefinition, Log } from '@shuniu/sdk'

export interface WakesGround {
  readonly store: Store
  readonly clock: Clock
  readonly report: Log
  readonly tables: Pick<Tables, 'shapes' | 'rows'>
  /** By every name a flow may call them. */
  readonly connections: ReadonlyMap<string, Asked>
  /** Whether it is this process that looks; left out: yes. */
  readonly isOurs?: () => boolean
  /** Lets parked runs go on that wait for one of these tags. */
  wakeRuns(tags: readonly string[], why: string): Promise<unknown>
  /** Lets receipts go on that wait for a connection, by its first name. */
  wakeReceipts(connection: string, why: string): Promise<unknown>
}

/** What is asked of a connection. */
interface Asked {
  readonly definition: Pick<ConnectorDefinition, 'periods' | 'check'>
  readonly link: unknown
}

/** Something parked runs or receipts wait for, and how to see whether it is there. */
interface Awaited {
  readonly tag: string
  /** Whom the look asks. */
  readonly connection: Asked
  /** Its check says whether it is there. */
  readonly isCheck: boolean
  /** Each look costs calls; nobody waits longer than this between two, ms. */
  readonly longest: number
  isThere(): Promise<boolean>
  wake(): Promise<unknown>
}

const minute = 60_000
const rhythm = 5 * minute
const most = 1_000

/**
 * Wakes what waits for the world outside: runs parked as `period-closed` when a read shows an open day, runs and receipts
 * parked as `connection` when its check passes, and at a start runs parked as `unmapped` whose row came while nobody ran.
 * Looks rarely, and ever more rarely at what does not come.
 */
export class Wakes {
  private timer: Timer | undefined
  private busy: Promise<void> = Promise.resolve()
  private closed = false
  private readonly waits = new Map<string, { gap: number; notBefore: number }>()

  constructor(private readonly ground: WakesGround) {}

  async start(): Promise<void> {
    await this.wakeMapped()
    this.again()
  }

  async close(): Promise<void> {
    this.closed = true
    this.timer?.cancel()
    await this.busy
  }

  /** One look at everything that is awaited; `atOnce` also at what was looked at a moment ago. */
  async look(atOnce = false): Promise<void> {
    const awaited = await this.awaited()
    const tags = new Set(awaited.map(({ tag }) => tag))
    for (const tag of this.waits.keys()) if (!tags.has(tag)) this.waits.delete(tag)
    for (const one of awaited) if (atOnce || this.isDue(one)) await this.lookAt(one)
  }

  /** Somebody has just seen that a connection works: what waits for it goes on, and its closed periods are read at once. */
  async works(name: string): Promise<void> {
    const connection = this.ground.connections.get(name)
    for (const one of await this.awaited())
      if (one.connection === connection) await (one.isCheck ? one.wake() : this.lookAt(one))
  }

  /** Exactly the runs that wait for one of these rows go on. */
  rowsChanged(changes: readonly TableChange[]): void {
    const there = changes.filter(({ change }) => change !== 'gone')
    const tags = there.map(({ table, keys }) => tableTag(table, keys))
    this.ground.wakeRuns(tags, 'a row of a table changed').catch((error: unknown) => this.failed(error))
  }

  private failed(error: unknown): void {
    this.ground.report.warn('wake.failed', { message: String(error) })
  }

  private again(): void {
    this.timer = this.ground.clock.after(rhythm, () => {
      this.busy = (this.ground.isOurs?.() === false ? Promise.resolve() : this.look())
        .catch((error: unknown) => this.failed(error))
        .finally(() => this.closed || this.again())
    })
  }

  private isDue({ tag, longest }: Awaited): boolean {
    const now = this.ground.clock.uptime()
    const { gap, notBefore } = this.waits.get(tag) ?? { gap: rhythm, notBefore: now }
    if (now < notBefore) return false
    this.waits.set(tag, { gap: Math.min(gap * 2, longest), notBefore: now + gap })
    return true
  }

  private async lookAt({ tag, isThere, wake }: Awaited): Promise<void> {
    // Whatever stands in the way of looking is no sign that it works.
    const there = await isThere().catch(() => false)
    if (!there) return
    await wake()
    this.ground.report.info('wake.woken', { tag })
  }

  private async awaited(): Promise<readonly Awaited[]> {
    const { store } = this.ground
    const reason = ['period-closed', 'connection']
    const runs = await store.select('runs', { open: 'parked', reason }, { limit: most })
    const receipts = await store.select('receipts', { open: 'parked', reason: 'connection' }, { limit: most })
    const tags = new Set(runs.flatMap(({ waits_for }) => waits_for ?? []))
    const names = new Set(receipts.map(({ connection }) => connection))
    return [
      ...[...tags].flatMap((tag) => this.ofRuns(tag) ?? []),
      ...[...names].flatMap((name) => this.ofReceipts(name) ?? []),
    ]
  }

  private ofRuns(tag: string): Awaited | undefined {
    const [, named, book = '', text = ''] = /^period:([^:]+):(.*):([^:]+)$/.exec(tag) ?? []
    if (named !== undefined) {
      const [connection, day] = [this.ground.connections.get(named), Day.parse(text)]
      return connection && day && this.ofPeriod(connection, tag, book, day)
    }
    const connection = this.ground.connections.get(tag.replace(/^connection:/, ''))
    return connection && this.ofConnection(connection, tag, (why) => this.ground.wakeRuns([tag], why))
  }

  private ofPeriod(connection: Asked, tag: string, book: string, day: Day): Awaited {
    const wake = (): Promise<unknown> => this.ground.wakeRuns([tag], 'a period is open')
    const isThere = (): Promise<boolean> => isOpen(connection, book, day)
    return { tag, connection, isCheck: false, longest: 60 * minute, wake, isThere }
  }

  private ofReceipts(name: string): Awaited | undefined {
    const connection = this.ground.connections.get(name)
    const tag = `receipts of connection:${name}`
    return connection && this.ofConnection(connection, tag, (why) => this.ground.wakeReceipts(name, why))
  }

  private ofConnection(connection: Asked, tag: string, wake: (why: string) => Promise<unknown>): Awaited {
    const isThere = (): Promise<boolean> => isWell(connection)
    const woken = (): Promise<unknown> => wake('the connection works')
    return { tag, connection, isCheck: true, longest: 360 * minute, wake: woken, isThere }
  }

  /** Rows that were written while no hub ran. */
  private async wakeMapped(): Promise<void> {
    const { store, tables } = this.ground
    const runs = await store.select('runs', { open: 'parked', reason: 'unmapped' }, { limit: 1 })
    if (runs.length === 0) return
    const tags = tables.shapes.flatMap(({ name }) => tables.rows(name).map(({ keys }) => tableTag(name, keys)))
    for (let at = 0; at < tags.length; at += most)
      await this.ground.wakeRuns(tags.slice(at, at + most), 'its row is there')
  }
}

/** `isOpen` reads anew, so the day that follows from it is no old answer. */
async function isOpen({ definition: { periods }, link }: Asked, book: string, day: Day): Promise<boolean> {
  if (!periods) return false
  return (await periods.isOpen(link, book, day)) || (await periods.openDay(link, book, day)) !== undefined
}

async function isWell({ definition, link }: Asked): Promise<boolean> {
  return (await definition.check(link)).every(({ ok }) => ok)
}
