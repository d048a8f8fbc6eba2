import type { LogRecord } from '@shuniu/infra/log'
import type { Row } from '@shuniu/infra/store'
import type { ReadEvent } from '../ports.ts'
import { eventsOf, receiptsAbout } from '../receipts.ts'
import { hashesOf } from '../runs.ts'
import { keysIn, recordOf, type Seeds, type TraceGround } from './find.ts'
import { entriesOf } from './journal.ts'

/** Everything the rows say about one item, in order of arrival. */
export interface Matter {
  readonly receipts: readonly Row<'receipts'>[]
  readonly events: readonly ReadEvent[]
  readonly runs: readonly Row<'runs'>[]
  readonly effects: readonly Row<'effects'>[]
  readonly journal: readonly Row<'journal'>[]
  readonly traces: readonly Row<'traces'>[]
  readonly decisions: readonly Row<'audit'>[]
}

/** One item has a handful of keys; a mapping gone wild must not pull the whole store into an answer. */
const mostKeys = 20
const mostRuns = 200
const mostEvents = 200

/** Follows keys to runs, runs to events and effects, emitted events to the keys of further flows. */
export async function gather(ground: TraceGround, seeds: Seeds): Promise<Matter> {
  const gathering = new Gathering(ground)
  for (const receipt of seeds.receipts) await gathering.addReceipt(receipt)
  await gathering.addEvent(seeds.record)
  for (const key of seeds.keys) gathering.keys.add(key)
  // Keys that are added while this goes on are visited too.
  for (const key of gathering.keys) await gathering.follow(key)
  return gathering.matter()
}

class Gathering {
  readonly keys = new Set<string>()
  private readonly receipts = new Map<number, Row<'receipts'>>()
  private readonly events = new Map<number, ReadEvent>()
  private readonly runs = new Map<number, Row<'runs'>>()
  private readonly effects = new Map<number, Row<'effects'>>()
  private readonly journal = new Map<number, Row<'journal'>>()

  constructor(private readonly ground: TraceGround) {}

  async addReceipt(receipt: Row<'receipts'>): Promise<void> {
    if (this.receipts.has(receipt.id)) return
    this.receipts.set(receipt.id, receipt)
    for (const id of eventsOf(receipt.events)) await this.addEvent(await recordOf(this.ground, id))
  }

  async follow(key: string): Promise<void> {
    if (this.runs.size >= mostRuns) return
    const { store } = this.ground
    const where = { key, key_hash: await hashesOf(this.ground, key) }
    for (const run of await store.select('runs', where, { order: { by: 'id' }, limit: mostRuns })) {
      if (!this.runs.has(run.id)) await this.addRun(run)
    }
    for (const receipt of await receiptsAbout(this.ground, key)) await this.addReceipt(receipt)
  }

  private async addRun(run: Row<'runs'>): Promise<void> {
    const { store, log } = this.ground
    this.runs.set(run.id, run)
    const [record] = await log.read({ from: run.event, limit: 1 })
    const cause = await this.addEvent(record?.position === run.event ? record : undefined)
    for (const effect of await store.select('effects', { run: run.id })) this.effects.set(effect.id, effect)
    for (const row of await store.select('journal', { run: run.id })) this.journal.set(row.id, row)
    if (cause) await this.addEmitted(run, cause)
    if (run.number === null) return
    for (const receipt of await store.select('receipts', { number: run.number })) await this.addReceipt(receipt)
  }

  private async addEmitted(run: Row<'runs'>, cause: ReadEvent): Promise<void> {
    const texts = [
      ...[...this.journal.values()].filter((row) => row.run === run.id).map(({ entries }) => entries),
      ...[...this.effects.values()].filter((row) => row.run === run.id).map(({ journal }) => journal),
    ]
    const emits = texts.flatMap(entriesOf).filter(({ kind }) => kind === 'emit')
    for (const path of new Set(emits.map((one) => one.path))) {
      for (const { type } of this.ground.contracts) {
        const id = this.ground.flows.emittedId({ flow: run.flow, path, type, cause })
        await this.addEvent(await recordOf(this.ground, id))
      }
    }
  }

  async addEvent(record: LogRecord | undefined): Promise<ReadEvent | undefined> {
    if (!record) return undefined
    const known = this.events.get(record.position)
    if (known) return known
    const event = this.ground.readEvent(record)
    this.events.set(record.position, event)
    for (const key of await keysIn(this.ground, record)) if (this.keys.size < mostKeys) this.keys.add(key)
    if (this.events.size >= mostEvents) return event
    for (const id of await this.ground.flows.passedIds(record)) await this.addEvent(await recordOf(this.ground, id))
    return event
  }

  async matter(): Promise<Matter> {
    const { store } = this.ground
    const effects = inOrder(this.effects)
    const effect = effects.map(({ reference }) => reference)
    const runs = inOrder(this.runs)
    return {
      receipts: inOrder(this.receipts),
      events: [...this.events.values()].toSorted((a, b) => a.position - b.position),
      runs,
      effects,
      journal: inOrder(this.journal),
      traces: effect.length === 0 ? [] : await store.select('traces', { effect }, { order: { by: 'id' } }),
      decisions: await this.decisions(runs),
    }
  }

  /** What people decided about these runs: decisions are few, the newest thousands of lines hold them. */
  private async decisions(runs: readonly Row<'runs'>[]): Promise<Row<'audit'>[]> {
    const { store } = this.ground
    const [last] = await store.select('audit', {}, { order: { by: 'id', down: true }, limit: 1 })
    if (!last || runs.length === 0) return []
    const target = runs.map(({ id }) => `run ${id}`)
    return store.select('audit', { target, id: { above: last.id - newestDecisions } }, { order: { by: 'id' } })
  }
}

const newestDecisions = 10_000

function inOrder<R extends { readonly id: number }>(rows: ReadonlyMap<number, R>): R[] {
  return [...rows.values()].toSorted((a, b) => a.id - b.id)
}
