import { HubError, isRecord, type ValueRecord } from '@shuniu/contracts'
import type { Finding, Operation, PrepareContext } from '@shuniu/sdk'
import { park } from '../run/standing.ts'
import { todayIn } from '../today.ts'
import type { CallRequest, Effect, LedgerGround, Preparing } from './ground.ts'
import { periodOfFinding } from './period.ts'
import { unpackRecord } from './rows.ts'

export type PreparedCall =
  | { readonly is: 'body'; readonly body: ValueRecord }
  /** The target already is as the call would make it. */
  | { readonly is: 'done'; readonly output: ValueRecord; readonly because: string }

/** Everything before the commit: input against its schema, a session, the target's own checks, the body. */
export async function prepareCall(
  ground: Pick<LedgerGround, 'zone' | 'clock'>,
  preparing: Preparing,
): Promise<PreparedCall> {
  const { call, connection, operation, reference } = preparing
  const { definition } = operation
  const input = checkedInput(call, definition)
  const context = { today: todayIn(ground.zone, ground.clock.now()), ...undoneOf(call.undone) }
  await definition.ready(connection.link)
  const findings = (await definition.validate?.(connection.link, input)) ?? []
  if (findings[0]) throw await parkFor(findings, preparing, input, context)
  const prepared = await definition.prepare(connection.link, input, reference, context)
  if (prepared.is === 'park') throw await parkFor([prepared.finding], preparing, input, context)
  if (prepared.is === 'body') return prepared
  const output = definition.output.parse(prepared.output)
  if (!isRecord(output)) throw new HubError('internal.bug', { what: `${operation.name} returned no record` })
  return { is: 'done', output, because: prepared.because }
}

/** The input as the operation's schema reads it; parks as `invalid` what it refuses. */
export function checkedInput(call: CallRequest, definition: Operation<unknown>): unknown {
  const parsed = definition.input.safeParse(call.input)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const path = issue?.path.join('.') ?? ''
  const message = {
    en: `The input of ${call.operation} is not valid at ${path}: ${issue?.message ?? ''}`,
    zh: `${call.operation} 的输入在 ${path} 处无效：${issue?.message ?? ''}`,
  }
  throw park('invalid', { step: call.path, message })
}

/** All findings are told, the first decides. */
async function parkFor(
  findings: readonly Finding[],
  preparing: Preparing,
  input: unknown,
  context: PrepareContext,
): Promise<Error> {
  const join = (language: 'en' | 'zh'): string =>
    findings.map(({ path, message }) => (path ? `${path}: ${message[language]}` : message[language])).join(' ')
  const reason = findings[0]?.reason ?? 'invalid'
  const waitsFor = reason === 'period-closed' ? await periodOfFinding(preparing, input, context) : undefined
  return park(reason, { step: preparing.call.path, message: { en: join('en'), zh: join('zh') } }, waitsFor)
}

function undoneOf(effect: Effect | undefined): Pick<PrepareContext, 'undone'> {
  if (!effect) return {}
  const { reference, body, output } = effect
  return { undone: { reference, body: unpackRecord(body), output: unpackRecord(output) } }
}
