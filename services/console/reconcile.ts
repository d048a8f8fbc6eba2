import { HubError, type Language } from '@shuniu/contracts'
import type { Row } from '@shuniu/infra/store'
import { z } from 'zod'
import { text } from './input.ts'
import { parkedReceipt, parkedRun, type ParkedItem } from './parked.ts'
import type { ConsolePorts } from './ports.ts'
import { approvalsIn, type Approval } from './reconcile/approvals.ts'
import { compareApproval } from './reconcile/compare-approvals.ts'
import {
  carriesOurs,
  compareBooked,
  doubled,
  unknownToUs,
  type Sighting,
  type Target,
} from './reconcile/compare-target.ts'
import { finding, type Finding } from './reconcile/finding.ts'
import { bookedBy, bookedIn, type Booked } from './reconcile/ledger.ts'
import { dayIn, periodOf, widened, type Period } from './reconcile/period.ts'
import { sayIn, type Say } from './speech.ts'

export const reconcileQuery = z.strictObject({
  period: z
    .string()
    .regex(/^(19|20)\d{2}-(0[1-9]|1[0-2])$/)
    .meta({ description: 'Accounting month: 2026-11' }),
  connection: text('Only this target').optional(),
})
export const reconciled = z.object({
  period: z.string(),
  approvals: z.int(),
  vouchers: z.int().meta({ description: 'Documents of the targets that carry our reference' }),
  others: z.int().meta({ description: 'Documents of somebody else' }),
  underWay: z.int().meta({ description: 'Approvals not finished yet' }),
  findings: z.array(finding),
})
export type Reconciled = z.output<typeof reconciled>

/** Compares approvals, ledger and targets of a month. It only reads: a difference is for a person. */
export async function reconcile(
  ports: ConsolePorts,
  { period: name, connection }: z.output<typeof reconcileQuery>,
  language: Language,
): Promise<Reconciled> {
  const say = sayIn(language)
  const period = periodOf(name)
  const connections = targetsOf(ports, connection)
  const approvals = await approvalsIn(ports, period)
  const booked = await bookedIn(ports, period)
  const findings: Finding[] = approvals.flatMap((one) => compareApproval(one, bookedFor(ports, one), say))
  findings.push(...(await parkedIn(ports, period, language)))
  const listed = { vouchers: 0, others: 0 }
  for (const target of connections) {
    const documents = await documentsOf(ports, target, period)
    listed.vouchers += documents.filter(carriesOurs).length
    listed.others += documents.filter((one) => !carriesOurs(one)).length
    const here = booked.filter(({ effect }) => effect.connection === target)
    findings.push(...(await compareTarget(ports, { connection: target, documents }, here, period, say)))
  }
  return {
    period: name,
    approvals: approvals.length,
    ...listed,
    underWay: approvals.filter(isUnderWay).length,
    findings,
  }
}

function targetsOf({ connections }: ConsolePorts, wanted: string | undefined): string[] {
  const names = [...new Set(connections.targets.map(({ connection }) => connection))]
  if (wanted === undefined) return names
  if (!names.includes(wanted)) throw new HubError('api.unknown-connection', { connection: wanted })
  return [wanted]
}

function bookedFor({ connections }: ConsolePorts, { effects }: Approval): Booked[] {
  const all = effects.flatMap((effect) => bookedBy(connections, effect) ?? [])
  return [...new Map(all.map((one) => [one.effect.document, one])).values()]
}

const isUnderWay = ({ runs }: Approval): boolean =>
  runs.some(({ state }) => ['queued', 'running', 'waiting'].includes(state))

/** Everything a target holds in these days, each document once, whichever operation lists it. */
async function documentsOf(
  { connections }: ConsolePorts,
  connection: string,
  { from, to }: Period,
): Promise<Target['documents']> {
  const operations = connections.targets.filter((one) => one.connection === connection)
  const lists = []
  for (const { operation } of operations) lists.push(await connections.list(connection, operation, from, to))
  return [...new Map(lists.flat().map((one) => [one.id, one])).values()]
}

async function compareTarget(
  ports: ConsolePorts,
  target: Target,
  booked: readonly Booked[],
  period: Period,
  say: Say,
): Promise<Finding[]> {
  const made = new Map<string, Row<'effects'>>()
  for (const one of target.documents.filter(carriesOurs)) {
    const [effect] = await ports.store.select('effects', { reference: one.reference ?? '' })
    if (effect) made.set(effect.reference, effect)
  }
  const { documents, connection } = target
  const unknown = documents
    .filter(carriesOurs)
    .flatMap((one) => unknownToUs(one, connection, made.get(one.reference ?? ''), say))
  const here = finderOf(documents)
  const isHere = (one: Booked): boolean => here(one).itself !== undefined
  const around = booked.every(isHere) ? [] : await documentsOf(ports, connection, widened(period))
  const there = finderOf(around)
  const compared = booked.flatMap((one) => compareBooked(one, here(one), there(one), say))
  return [...doubled(target, made, say), ...unknown, ...compared]
}

/** Finds a booked document by the id the ledger knows, and another one that carries its reference. */
function finderOf(documents: Target['documents']): (booked: Booked) => Sighting {
  const byReference = Map.groupBy(documents, ({ reference }) => reference)
  const byId = new Map(documents.map((one) => [one.id, one]))
  return ({ effect: { document, reference } }) => {
    const same = byReference.get(reference) ?? []
    if (document === null) return { itself: same[0], other: undefined }
    return { itself: byId.get(document), other: same.find(({ id }) => id !== document) }
  }
}

/** What waits for a person although its fact lies in the period; of a receipt nobody knows more than when it came. */
async function parkedIn(ports: ConsolePorts, period: Period, language: Language): Promise<Finding[]> {
  const { store, log, zone } = ports
  const isNow = (at: number): boolean => dayIn(zone, at).startsWith(period.name)
  const findings = []
  for (const run of await store.select('runs', { open: 'parked' }, { order: { by: 'id' } })) {
    const [record] = await log.read({ from: run.event, limit: 1 })
    if (isNow(record?.position === run.event ? record.time : run.created_at))
      findings.push(await ofRun(ports, run, language))
  }
  const receipts = await store.select('receipts', { open: 'parked' }, { order: { by: 'id' } })
  const here = receipts.filter(({ received_at }) => isNow(received_at))
  return [...findings, ...here.map((row) => ofParked(parkedReceipt(row, language), row.subject))]
}

async function ofRun({ store }: ConsolePorts, run: Row<'runs'>, language: Language): Promise<Finding> {
  const effects = await store.select('effects', { run: run.id }, { order: { by: 'id' } })
  return ofParked(parkedRun(run, effects, language), run.key)
}

function ofParked({ number, reason, message, effect, next }: ParkedItem, fallback: string): Finding {
  const reference = effect === undefined ? {} : { reference: effect }
  return { kind: 'parked', number: number ?? fallback, found: `${reason}: ${message}`, proposal: next, ...reference }
}
