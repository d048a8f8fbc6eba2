import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contract, contracts, decode as decodeAvro, unframe, type ValueRecord } from '@shuniu/contracts'
import { connectionShape, decode, readYaml, type FormDescription } from '@shuniu/infra/config'
import { openEmbedded, type Embedded } from '@shuniu/infra/embedded'
import { openEmbeddedLog, type LogRecord } from '@shuniu/infra/log'
import { ownEverything } from '@shuniu/infra/leases'
import { openOutbound } from '@shuniu/infra/outbound'
import { openEmbeddedStore, type Row, type Store } from '@shuniu/infra/store'
import { seededRandom, SimulatedClock } from '@shuniu/infra/time'
import { openConnection } from '@shuniu/sdk'
import type { Declared } from './ground.ts'
import { openIngress, type Ingress } from './ingress.ts'
import { officeConnector, openOffice, push, type Office } from './test-office.ts'

/** The moment at which tests begin. */
export const start = Date.parse('2026-03-10T08:00:00Z')
export const hour = 3_600_000
export const day = 24 * hour

const approved = `approvalId: = document.rootId
      revision: = document.revision
      approvalNo: = document.number
      approvedAt: = document.finishedAt
      department: { id: D1 }
      currency: CNY
      amount: = document.amount
      lines: [{ category: travel, amount: = document.amount }]`

/** A connection as a user writes it: payments, and their withdrawals. */
export const payments = `
connection: office-main
connector: office
settings: { office: main }
from: 2026-03-01T00:00:00Z
events:
  - source: approval
    form: PAY
    where: document.kind != "revoke" && document.result == "agree"
    emit: approval.payment.approved
    with:
      ${approved}
  - source: approval
    form: PAY
    where: document.kind == "revoke" && document.result == "agree"
    emit: approval.payment.withdrawn
    with: { approvalId: = document.rootId, revision: = document.revision }
`

/** Reads a connection's file; it must be one. */
export function declare(yaml: string, forms: readonly FormDescription[] = []): Declared {
  const { node, problems } = readYaml(yaml, 'connections/office-main.yaml')
  const read = node && decode(node, connectionShape)
  const wrong = [...problems, ...(read?.problems ?? [])].map(({ error }) => error.message)
  if (!read?.value) throw new Error(wrong.join('\n'))
  return { ...read.value, forms }
}

export interface HouseOptions {
  readonly yaml?: string
  readonly waiting?: number
  /** What stands between the ingress and its store. */
  readonly between?: (store: Store) => Store
  /** A folder of somebody else's, with an earlier life in it. */
  readonly folder?: string
}

interface Totals {
  readonly accepted: number
  readonly published: number
  readonly skipped: number
  readonly parked: number
}

function totalsOf({ accepted = 0, published = 0, skipped = 0, parked = 0 }: Record<string, number>): Totals {
  return { accepted, published, skipped, parked }
}

/** An ingress in a folder of its own, with a clock that stands still; `reopen` is another life of the same installation. */
export class House {
  readonly folder: string
  clock = new SimulatedClock(start)
  readonly office: Office = openOffice('main')
  readonly reported: string[] = []
  private life: { embedded: Embedded; store: Store; ingress: Ingress } | undefined

  private constructor(private readonly options: HouseOptions) {
    this.folder = options.folder ?? mkdtempSync(join(tmpdir(), 'shuniu-ingress-'))
  }

  static async open(options: HouseOptions = {}): Promise<House> {
    const house = new House(options)
    await house.reopen()
    return house
  }

  get ingress(): Ingress {
    return this.now.ingress
  }

  get store(): Store {
    return this.now.store
  }

  /** The process ends as by kill -9: nothing is drained; then it starts again. */
  async reopen(options: HouseOptions = this.options): Promise<void> {
    await this.life?.embedded.close()
    // Timers of the dead process never fire.
    this.clock = new SimulatedClock(this.clock.now())
    const embedded = await openEmbedded({ folder: this.folder, flushOn: 'main' })
    const store = openEmbeddedStore(embedded)
    this.life = { embedded, store, ingress: await this.openIngress(store, options) }
  }

  async close(): Promise<void> {
    const closing = this.life?.ingress.close()
    // A call that never ends does not hold the stop for longer than it may take.
    await this.clock.advance(30_000)
    await closing
    await this.life?.embedded.close()
    rmSync(this.folder, { recursive: true })
  }

  /** The office pushes that these approvals were agreed. */
  receive(...ids: readonly string[]): Promise<void> {
    return this.ingress.receive(
      'office-main',
      'push',
      ids.map((id) => push(id)),
    )
  }

  receipts(): Promise<Row<'receipts'>[]> {
    return this.store.select('receipts', {}, { order: { by: 'id' } })
  }

  /** `key state reason` of each receipt. */
  async story(): Promise<string[]> {
    return (await this.receipts()).map(({ key, state, reason }) => [key, state, reason].filter(Boolean).join(' '))
  }

  async records(): Promise<readonly LogRecord[]> {
    return openEmbeddedLog(this.now.embedded, this.clock).read({ from: 0, limit: 1_000 })
  }

  /** Type and data of each event in the log. */
  async events(): Promise<{ type: string; data: ValueRecord }[]> {
    return (await this.records()).map(({ topic, data }) => {
      const type = topic.replace(/\.v1$/, '')
      return { type, data: decodeAvro(contract(type), unframe(data).payload) }
    })
  }

  /** Promise 2, for receipts: what was accepted, and what became of it; from the totals and recounted from the rows. */
  async totals(): Promise<{ counted: Totals; recounted: Totals }> {
    const counters = await this.store.select('counters', {})
    const counted = Object.fromEntries(counters.map(({ name, value }) => [name.replace('receipts.', ''), value]))
    const rows = await this.store.tally('receipts', 'state')
    const accepted = Object.values(rows).reduce((sum, count) => sum + count, 0)
    return { counted: totalsOf(counted), recounted: totalsOf({ ...rows, accepted }) }
  }

  /** Lets promises run until it holds; time stands still. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (let turn = 0; turn < 5_000; turn++) {
      if (await holds()) return
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    const [first, ...more] = await this.story()
    throw new Error(`it never came: ${first} and ${more.length} more`)
  }

  /** Until every receipt is understood, or waits for time to pass. */
  async quiet(): Promise<void> {
    const isResting = (row: Row<'receipts'>): boolean =>
      row.state !== 'received' || (row.next_at ?? 0) > this.clock.now()
    await this.until(async () => (await this.receipts()).every(isResting))
  }

  private get now(): { embedded: Embedded; store: Store; ingress: Ingress } {
    if (!this.life) throw new Error('the house is closed')
    return this.life
  }

  private openIngress(
    store: Store,
    { yaml = payments, waiting = 100, between = (one) => one }: HouseOptions,
  ): Promise<Ingress> {
    const { clock } = this
    const random = seededRandom(1)
    const report = (code: string, { omitted }: Readonly<Record<string, unknown>> = {}): void =>
      void this.reported.push(omitted === undefined ? code : `${code} ${JSON.stringify({ omitted })}`)
    const log = { info: report, warn: report, error: report }
    const outbound = openOutbound({ allow: [], limits: { concurrency: 4, perSecond: 0, perMonth: 0 }, clock })
    const configuration = { name: 'office-main', settings: 'main', operations: {} }
    const ground = { connection: 'office-main', outbound, clock, random, log }
    const connection = openConnection(officeConnector, configuration, ground)
    return openIngress({
      store: between(store),
      ownership: ownEverything(),
      clock,
      random,
      report: log,
      connections: [{ connection, declared: declare(yaml) }],
      contracts,
      schemaId: () => 7,
      limits: { waiting, concurrency: 64 },
      lost: (error) => report(`lost: ${String(error)}`),
    })
  }
}
