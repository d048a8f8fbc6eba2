import { HubError, type Language } from '@shuniu/contracts'
import type { Row } from '@shuniu/infra/store'
import { z } from 'zod'
import { effectItem, itemOfEffect } from './effects.ts'
import { text } from './input.ts'
import type { ReadEvent } from './ports.ts'
import { itemOfReceipt, receiptItem } from './receipts.ts'
import { itemOfRun, runItem } from './runs.ts'
import { sayIn } from './speech.ts'
import { timeOf } from './standing.ts'
import { seedsOf, type TraceGround } from './trace/find.ts'
import { gather, type Matter } from './trace/gather.ts'
import { tellEffect } from './trace/tell-effect.ts'
import { tellEvent } from './trace/tell-event.ts'
import { tellReceipt } from './trace/tell-receipt.ts'
import { tellBeginning, tellDecision, tellStanding } from './trace/tell-run.ts'
import { contractOf, type Line, type Teller } from './trace/teller.ts'
import { shownData, Veil } from './trace/veil.ts'

export const traceParams = z.strictObject({
  number: text('Approval number or id, voucher number or id, reference, event id, run id'),
})

export const storyLine = z.looseObject({ at: z.iso.datetime(), what: z.string(), text: z.string() })
export const tracedEvent = z.object({
  id: z.string(),
  type: z.string(),
  at: z.iso.datetime(),
  source: z.string(),
  data: z.record(z.string(), z.unknown()).optional().meta({ description: 'Personal data masked' }),
})
export const traced = z.object({
  number: z.string(),
  story: z.array(storyLine),
  receipts: z.array(receiptItem),
  events: z.array(tracedEvent),
  runs: z.array(runItem),
  effects: z.array(effectItem),
})
export type Traced = z.output<typeof traced>

/** The story of one item from receipt to voucher, in the order in which it happened. Personal data is masked. */
export async function trace(
  ground: TraceGround,
  { number }: z.output<typeof traceParams>,
  language: Language,
): Promise<Traced> {
  const matter = await gather(ground, await seedsOf(ground, number))
  if (matter.receipts.length + matter.runs.length + matter.events.length === 0)
    throw new HubError('api.unknown-number', { number })
  const teller: Teller = { ground, matter, language, say: sayIn(language), veil: new Veil() }
  for (const event of matter.events) {
    const contract = contractOf(teller, event.type)
    if (contract) teller.veil.learn(contract, event.data)
  }
  const lines = (await tell(matter, teller)).toSorted((one, other) => one.at - other.at)
  return {
    number,
    story: lines.map(({ at, what, text: sentence, facts }) => ({ at: timeOf(at), what, text: sentence, ...facts })),
    receipts: matter.receipts.map((row) => itemOfReceipt(row, language)),
    events: matter.events.map((event) => itemOfEvent(event, teller)),
    runs: matter.runs.map((row) => itemOfRun(row, language)),
    effects: matter.effects.map(itemOfEffect),
  }
}

/** Every line; those of one moment stay in the order in which things follow from each other. */
async function tell(matter: Matter, teller: Teller): Promise<Line[]> {
  const { true: ours = [], false: theirs = [] } = Object.groupBy(matter.events, ({ source }) =>
    String(source.startsWith('/flows/')),
  )
  const runs = matter.runs.filter((run) => !isOursToNobody(run, ours))
  const beginnings = await Promise.all(runs.map((run) => tellBeginning(run, teller)))
  const effects = await Promise.all(matter.effects.map((effect) => tellEffect(effect, teller)))
  return [
    ...theirs.map((event) => tellEvent(event, teller)),
    ...matter.receipts.flatMap((row) => tellReceipt(row, teller)),
    ...beginnings.flat(),
    ...effects.flat(),
    ...ours.map((event) => tellEvent(event, teller)),
    ...runs.map((run) => tellStanding(run, teller)),
    ...matter.decisions.map((row) => tellDecision(row, teller)),
  ]
}

/** What we tell others needs no flow of ours: that nobody takes it is no part of the story. */
function isOursToNobody({ flow, event }: Row<'runs'>, ours: readonly ReadEvent[]): boolean {
  return flow === '' && ours.some(({ position }) => position === event)
}

function itemOfEvent(event: ReadEvent, teller: Teller): Traced['events'][number] {
  const contract = contractOf(teller, event.type)
  const { id, type, source, time, data } = event
  return { id, type, source, at: time.toString(), ...(contract ? { data: shownData(contract, data) } : {}) }
}
