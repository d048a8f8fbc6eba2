import type { Row } from '@shuniu/infra/store'
import { legOf } from '../effects.ts'
import type { Described } from '../ports.ts'
import { unpackRecord } from '../standing.ts'
import { stateWords } from '../words.ts'
import { entryLinesOf, type EntryLine } from './entries.ts'
import { tellLookUps } from './tell-lookups.ts'
import { tellTrace } from './tell-trace.ts'
import type { Line, Teller } from './teller.ts'
import { amountText } from './veil.ts'

/** One call that may have changed another system: what it rested on, what was sent, what came of it. */
export async function tellEffect(effect: Row<'effects'>, teller: Teller): Promise<Line[]> {
  const traces = teller.matter.traces.filter((one) => one.effect === effect.reference)
  return [
    ...(await tellLookUps(effect.journal, effect.created_at, teller)),
    ...sent(effect, teller),
    ...traces.map((one) => tellTrace(one, effect, teller)),
    ...sentAgain(effect, teller),
    outcome(effect, teller),
  ]
}

function sent(effect: Row<'effects'>, teller: Teller): Line[] {
  const { say, language, ground, veil } = teller
  const { connection, operation, reference, grade, created_at: at } = effect
  const body = unpackRecord(effect.body)
  const described = ground.connections.describe(connection, operation, body)
  const title = described?.title[language] ?? operation
  const notSent = effect.sends === 0 || effect.state === 'prepared'
  const head = notSent ? say('Prepared', '已备好') : say('Sent', '已发送')
  const text = `${head}${say(': ', '：')}${title} → ${connection}${about(effect, described, teller)}`
  const step = legOf(effect.leg).slice(1).join('/')
  const facts = { reference, connection, operation, grade, step, ...terms(described) }
  return [
    { at, what: effect.kind === 'notice' ? 'notice' : 'call', text: veil.text(text), facts },
    ...entryLinesOf(body).map((line) => ({ at, what: 'line', text: entryText(line, teller), facts: { reference } })),
  ]
}

/** A voucher says its date, total and our reference; a notice says its words. */
function about({ kind, reference }: Row<'effects'>, described: Described | undefined, { say }: Teller): string {
  if (kind === 'notice') return described ? `${say(': ', '：')}${described.text}` : ''
  const { day, amount, currency } = described ?? {}
  const parts = [day, amount && `${currency ?? ''} ${amount}`.trim(), reference].filter((part) => part)
  return `${say(', ', '，')}${parts.join(say(', ', '，'))}`
}

function terms(described: Described | undefined): Partial<Described> {
  const { title: _, text: __, ...rest } = described ?? { title: undefined, text: undefined }
  return rest
}

function entryText({ account, summary, dimensions, side, amount }: EntryLine, { say, veil }: Teller): string {
  const word = side === 'debit' ? say('debit', '借') : say('credit', '贷')
  const of = dimensions.length > 0 ? ` [${dimensions.join(', ')}]` : ''
  return `${word} ${account}${of} ${amountText(amount)} ${veil.text(summary)}`.trimEnd()
}

function sentAgain({ sends, sent_at, created_at, reference }: Row<'effects'>, { say }: Teller): Line[] {
  if (sends < 2 || sent_at === null || sent_at <= created_at) return []
  const text = say(
    `Shown to be absent, so sent again with the same reference (${sends} sends in all).`,
    `已证实不存在，以同一参考号再次发送（共发送 ${sends} 次）。`,
  )
  return [{ at: sent_at, what: 'sent again', text, facts: { reference, sends } }]
}

function outcome(effect: Row<'effects'>, teller: Teller): Line {
  const { reference, state, document, document_number: number } = effect
  const named = { ...(document === null ? {} : { document }), ...(number === null ? {} : { number }) }
  const facts = { reference, state, ...named }
  const what = state === 'confirmed' ? 'answer' : state
  const text = state === 'confirmed' ? confirmed(effect, teller) : unsettled(effect, teller)
  return { at: lastSeen(effect, teller), what, text, facts }
}

function confirmed({ kind, document, document_number, undone_by }: Row<'effects'>, { say }: Teller): string {
  if (kind === 'notice') return say('It arrived.', '已送达。')
  const id = document ?? '—'
  const name = document_number ?? id
  const undone = undone_by === null ? '' : say(` Taken back by ${undone_by}.`, `已由 ${undone_by} 冲销。`)
  return say(`Confirmed as ${name} (id ${id}).`, `已确认，生成 ${name}（内码 ${id}）。`) + undone
}

function unsettled({ state, error }: Row<'effects'>, { say, language, veil }: Teller): string {
  const why = unpackRecord(error)['message']
  const colon = say(': ', '：')
  const tail = typeof why === 'string' ? `${colon}${veil.text(why)}` : ''
  return `${say('State', '当前状态')}${colon}${stateWords[state]?.[language] ?? state}${tail}`
}

/** Settled then; or, while it is not, when the last thing known of it happened. */
function lastSeen({ reference, settled_at, sent_at, created_at }: Row<'effects'>, { matter }: Teller): number {
  const traces = matter.traces.filter(({ effect }) => effect === reference).map(({ at }) => at)
  return settled_at ?? Math.max(sent_at ?? 0, created_at, ...traces)
}
