import { isWhole, prove, type Proof } from '@shuniu/hub/proof'
import type { DataFile } from './data-file.ts'
import type { Given } from './load.ts'
import { until } from '../processes/pause.ts'
import type { Violation, Wire } from './wire.ts'
import type { World } from './world.ts'

/** What the end showed. Clean = no finding; `missed` = quotas that were not met. */
export interface Verdict {
  readonly proof: Proof
  /** Calls that came late, or without a row from before them. */
  readonly violations: readonly Violation[]
  /** Late executions that landed after a look-up had found nothing. */
  readonly landedAfterLookUp: number
  /** Sends of which nothing had left when their time was over: not written. */
  readonly heldBack: number
  /** Effects of money by their last state. */
  readonly effects: Readonly<Record<string, number>>
  readonly resent: number
  readonly drainedIn: number
  readonly findings: readonly string[]
  readonly missed: readonly string[]
}

export interface Judged {
  readonly world: World
  readonly dataFile: DataFile
  readonly wire: Wire
  readonly given: readonly Given[]
  /** ms. */
  readonly patience: number
}

interface Totals {
  readonly accepted: number
  readonly inFlight: number
  readonly gap: number
}
type Stages = Readonly<Record<'receipts' | 'deliveries', Totals>>
type Conservation = Stages & { readonly recounted?: Stages }

/** Waits until nothing is under way, then compares the books and everything that has to agree with them. */
export async function reachVerdict(judged: Judged): Promise<Verdict> {
  const { world, dataFile, wire } = judged
  const began = performance.now()
  await sweep(world.hubUrl)
  const drained = await until(async () => ((await isDrained(judged)) ? true : undefined), {
    within: judged.patience,
    every: 300,
  })
  const drainedIn = Math.round((performance.now() - began) / 1000)
  await wire.look()
  const proof = await prove({ dingtalk: world.dingtalk.url, kingdee: world.kingdee.url, hub: world.hubUrl })
  const findings = [
    ...(drained ? [] : [`not drained after ${drainedIn} s: ${JSON.stringify(dataFile.glance())}`]),
    ...booksSay(proof, judged.given),
    ...totalsSay(await conservation(world.hubUrl, true)),
    ...rowsSay(dataFile, proof),
    ...wire.violations.slice(0, 20).map(({ finding }) => finding),
  ]
  return {
    proof,
    violations: wire.violations,
    landedAfterLookUp: landedAfterLookUp(dataFile, wire),
    heldBack: count(
      dataFile,
      `SELECT count(*) AS count FROM traces WHERE what = 'failed' AND detail LIKE '%http.late%'`,
    ),
    effects: byState(dataFile),
    resent: count(dataFile, `SELECT count(*) AS count FROM effects WHERE kind = 'money' AND sends > 1`),
    drainedIn,
    findings,
    missed: [],
  }
}

/** What no push brought: a sweep finds it. */
async function sweep(hub: string): Promise<void> {
  const answer = await fetch(`${hub}/api/v1/connections/dingtalk-main/sweep`, { method: 'POST' })
  if (!answer.ok) throw new Error(`the sweep answered ${answer.status}`)
}

async function conservation(hub: string, recount: boolean): Promise<Conservation> {
  const answer = await fetch(`${hub}/api/v1/conservation?recount=${recount}`)
  if (!answer.ok) throw new Error(`conservation answered ${answer.status}`)
  return (await answer.json()) as Conservation
}

/** Everything that was given has been received, and nothing is under way. */
async function isDrained({ world, dataFile, given }: Judged): Promise<boolean> {
  const { receipts, deliveries } = await conservation(world.hubUrl, false)
  if (receipts.inFlight > 0 || deliveries.inFlight > 0) return false
  return (
    count(dataFile, `SELECT count(DISTINCT key) AS count FROM runs WHERE kind = 'flow' AND flow <> ''`) >= given.length
  )
}

/** The load gives no reason to park anything: whatever waits for a person is a finding, like everything the books cannot explain. */
function booksSay(proof: Proof, given: readonly Given[]): string[] {
  const { approvals, explained, doubled, lost } = proof
  return [
    ...(isWhole(proof)
      ? []
      : [`books: ${approvals} approvals, ${explained} explained, ${doubled} doubled, ${lost} lost`]),
    ...proof.findings.slice(0, 20),
    ...(approvals === given.length ? [] : [`DingTalk's book has ${approvals} approvals, ${given.length} were given`]),
    ...proof.parked.slice(0, 20).map(({ number, reason }) => `${number} is parked as ${reason}`),
  ]
}

/** Promise 2: nothing vanishes, counted as it goes and counted again from the rows. */
function totalsSay({ recounted, ...counted }: Conservation): string[] {
  return (['receipts', 'deliveries'] as const).flatMap((stage) => {
    const [once, again] = [JSON.stringify(counted[stage]), JSON.stringify(recounted?.[stage])]
    const gap = counted[stage].gap === 0 ? [] : [`the conservation gap of ${stage} is ${counted[stage].gap}`]
    return once === again ? gap : [...gap, `${stage}: counted ${once}, recounted ${again}`]
  })
}

/** What the ledger and the log themselves have to show at the end. */
function rowsSay(dataFile: DataFile, { vouchers, reversed }: Proof): string[] {
  const open = dataFile.rows<{ reference: string; state: string }>(
    'SELECT reference, state FROM effects WHERE open IS NOT NULL LIMIT 20',
  )
  return [
    ...open.map(({ reference, state }) => `effect ${reference} is still ${state}`),
    ...toldSay(dataFile, 'finance.voucher.created', vouchers),
    ...toldSay(dataFile, 'finance.voucher.reversed', reversed),
  ]
}

/** Other teams hear of every document, once. */
function toldSay(dataFile: DataFile, event: string, documents: number): string[] {
  const told = dataFile.rows<{ key: string; count: number }>(
    `SELECT key, count(*) AS count FROM events WHERE topic LIKE '${event}%' GROUP BY key`,
  )
  return [
    ...told.filter((one) => one.count > 1).map(({ key }) => `${event} was published twice for ${key}`),
    ...(told.length === documents ? [] : [`${event} was published for ${told.length} of ${documents} vouchers`]),
  ]
}

/** Look-ups that found nothing, of effects that were executed late and confirmed without being sent again. */
function landedAfterLookUp(dataFile: DataFile, wire: Wire): number {
  const empty = dataFile.rows<{ effect: string }>(
    `SELECT DISTINCT effect FROM traces WHERE what = 'look-up' AND detail LIKE '%"found":[]%'
     AND effect IN (SELECT reference FROM effects WHERE state = 'confirmed' AND sends = 1)`,
  )
  const late = new Set(wire.executedLate())
  return empty.filter(({ effect }) => late.has(effect)).length
}

function byState(dataFile: DataFile): Record<string, number> {
  const rows = dataFile.rows<{ state: string; count: number }>(
    `SELECT state, count(*) AS count FROM effects WHERE kind = 'money' GROUP BY state`,
  )
  return Object.fromEntries(rows.map((row) => [row.state, row.count]))
}

function count(dataFile: DataFile, sql: string): number {
  return dataFile.rows<{ count: number }>(sql)[0]?.count ?? 0
}
