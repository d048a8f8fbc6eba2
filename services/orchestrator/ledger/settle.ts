import type { ValueRecord } from '@shuniu/contracts'
import type { CallFailure } from '@shuniu/infra/outbound'
import { Interrupt, park } from '../run/standing.ts'
import { gapAfter, inThisBoot, judge, type Verdict } from './doubt.ts'
import { evidenceOf } from './evidence.ts'
import type { Effect, Hand, LedgerGround } from './ground.ts'
import { change, failed } from './outcome.ts'
import { doubtColumns, doubtOf, outputRecord, shownFound, traceLine, unpackRecord } from './rows.ts'
import { asFailure } from './trouble.ts'

/** What a look-up settled. What it did not settle is thrown as where the run stands. */
export type Settled =
  | { readonly is: 'confirmed'; readonly output: ValueRecord; readonly lookUps: number }
  /** Shown to be absent: it may be sent again. */
  | { readonly is: 'absent'; readonly body: ValueRecord }

/** In doubt: looks the document up by our reference and goes on as `judge` says. */
export async function settle(ground: LedgerGround, hand: Hand, effect: Effect): Promise<Settled> {
  const { operation, connection, reference } = hand
  const { find, fingerprintFound, outputOf, ready } = operation.definition
  const told = hand.run.hold.fence.length > 0 ? await evidenceOf(ground.store, effect) : undefined
  if (told) return { is: 'confirmed', output: outputRecord(operation, told), lookUps: effect.look_ups }
  if (!find || !fingerprintFound || !outputOf) throw await undecidable(hand, effect)
  const body = unpackRecord(effect.body)
  const known = await knownDocument(ground, effect)
  const look = async () => (await ready(connection.link), find(connection.link, reference, body, known))
  const seen = await look().catch(asFailure)
  if (!('found' in seen)) throw blind(ground, hand, effect, seen)
  const [first] = seen.found
  const equal = first !== undefined && fingerprintFound(first) === effect.fingerprint
  const rule = { quarantine: operation.quarantine, ...operation.lookUps }
  const sight = { found: seen.found.length, equal, proven: seen.proven }
  const verdict = judge(doubtOf(effect, operation.timeout), sight, nowIn(ground), rule)
  const line = { found: shownFound(seen.found), proven: seen.proven, verdict: verdict.is }
  hand.run.pending.push(traceLine(ground, reference, 'look-up', line))
  if (verdict.is === 'confirmed' && first)
    return { is: 'confirmed', output: outputRecord(operation, outputOf(first)), lookUps: effect.look_ups + 1 }
  if (verdict.is === 'absent') return { is: 'absent', body }
  throw unsettledStanding(hand, effect, verdict, line)
}

function nowIn({ clock }: LedgerGround): { uptime: number; boot: string } {
  return { uptime: clock.uptime(), boot: clock.bootId }
}

function unsettledStanding(hand: Hand, effect: Effect, verdict: Verdict, facts: ValueRecord): Interrupt {
  if (verdict.is === 'look again') {
    change(hand, effect, doubtColumns(verdict.doubt))
    return new Interrupt({ is: 'waiting', because: 'in doubt', after: verdict.after, attempt: false })
  }
  const reason = verdict.is === 'parked' ? verdict.reason : 'in-doubt'
  // Every one of its sends was shown to have made nothing: what a person decides now is whether to try anew.
  if (reason === 'in-doubt') change(hand, effect, { state: 'prepared', sends: 0, absences: 0, absent_at: null })
  return park(reason, { ...detailOf(hand, reason === 'in-doubt' ? 'absent' : reason), facts })
}

/** A failed look-up says nothing: stay in doubt, look again later. */
function blind(ground: LedgerGround, hand: Hand, effect: Effect, failure: CallFailure): Interrupt {
  const doubt = inThisBoot({ ...doubtOf(effect, hand.operation.timeout), lookUps: effect.look_ups + 1 }, nowIn(ground))
  failed(ground, hand, effect, failure, doubtColumns(doubt))
  return new Interrupt({ is: 'waiting', because: 'in doubt', after: gapAfter(doubt.lookUps), attempt: false })
}

/** Grade C: nobody can look it up. A person decides, with candidates where the target can list some. */
async function undecidable(hand: Hand, effect: Effect): Promise<Interrupt> {
  const { definition } = hand.operation
  const candidates = await definition.candidates?.(hand.connection.link, unpackRecord(effect.body)).catch(() => [])
  return park('in-doubt', { ...detailOf(hand, 'unknown'), facts: { candidates: shownFound(candidates ?? []) } })
}

/** How far back a document is looked for that the ledger knows to exist. */
const stretch = 10_000
const most = 5

/**
 * A document that exists in this target as far as the ledger knows: look-ups prove with it that they can see. Another one
 * each time, for one of them may have been deleted there.
 */
async function knownDocument({ store }: LedgerGround, effect: Effect): Promise<string | undefined> {
  const { connection, operation, id, look_ups } = effect
  const where = { connection, operation, state: 'confirmed', id: { above: id - stretch } }
  const rows = await store.select('effects', where, { order: { by: 'id', down: true }, limit: most })
  return rows[look_ups % rows.length]?.document ?? undefined
}

const messages = {
  conflict: {
    en: 'A document with our reference {reference} exists but its amounts, lines or date differ.',
    zh: '目标系统中已有带我方参考号 {reference} 的单据，但金额、分录或日期不一致。',
  },
  duplicate: {
    en: 'More than one document carries our reference {reference}.',
    zh: '目标系统中有多张单据带有我方参考号 {reference}。',
  },
  unknown: {
    en: 'Nobody can tell whether {call} was executed. Look in the target; then resolve it, or retry to send it once more.',
    zh: '无法确认 {call} 是否已执行。请在目标系统中核对：已执行请“确认”，未执行请“重试”再次发送。',
  },
  absent: {
    en: '{call} was sent four times and never arrived; look-ups show that nothing came of it. Retry sends it anew.',
    zh: '{call} 已发送四次均未到达；查询证实目标系统中没有任何单据。“重试”将重新发送。',
  },
} as const

function detailOf({ reference, call }: Hand, what: keyof typeof messages) {
  const fill = (text: string): string =>
    text.replaceAll('{reference}', reference).replaceAll('{call}', `${call.connection}/${call.operation}`)
  const { en, zh } = messages[what]
  return { step: call.path, effect: reference, message: { en: fill(en), zh: fill(zh) } }
}
