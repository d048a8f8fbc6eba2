import { HubError, isRecord, type ValueRecord } from '@shuniu/contracts'
import type { Row } from '@shuniu/infra/store'
import type { ConnectedOperation, Connection, Finding, Operation, PrepareContext } from '@shuniu/sdk'
import { park } from '../run/standing.ts'
import { todayIn } from '../today.ts'
import type { CallRequest, LedgerGround } from './ground.ts'
import { unpackRecord } from './rows.ts'

interface Preparing {
  readonly call: CallRequest
  readonly connection: Connection
  readonly operation: ConnectedOperation
  readonly reference: string
}

export type PreparedCall =
  | { readonly is: 'body'; readonly body: ValueRecord }
  | { readonly is: 'done'; readonly output: ValueRecord }

/** Everything before the commit: input against its schema, a session, the target's own checks, the body. */
export async function prepareCall(ground: Pick<LedgerGround, 'zone' | 'clock'>, hand: Preparing): Promise<PreparedCall> {
  const { call, connection, operation, reference } = hand
  const { definition } = operation
  const input = checkedInput(call, definition)
  await definition.ready(connection.link)
  const findings = (await definition.validate?.(connection.link, input)) ?? []
  if (findings[0]) throw parkFor(findings, call)
  const context: PrepareContext = { today: todayIn(ground.zone, ground.clock.now()), ...undoneOf(call.undone) }
  const prepared = await definition.prepare(connection.link, input, reference, context)
  if (prepared.is === 'park') throw parkFor([prepared.finding], call)
  if (prepared.is === 'body') return prepared
  const output = definition.output.parse(prepared.output)
  if (!isRecord(output)) throw new HubError('internal.bug', { what: `${operation.name} returned no record` })
  return { is: 'done', output }
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

function parkFor(findings: readonly Finding[], call: CallRequest): Error {
  const [first] = findings
  if (!first) return new HubError('internal.bug', { what: 'no finding' })
  const join = (language: 'en' | 'zh'): string =>
    findings.map(({ path, message }) => (path ? `${path}: ${message[language]}` : message[language])).join(' ')
  const waitsFor = first.reason === 'period-closed' ? `connection:${call.connection}` : undefined
  return park(first.reason, { step: call.path, message: { en: join('en'), zh: join('zh') } }, waitsFor)
}

function undoneOf(effect: Row<'effects'> | undefined): Pick<PrepareContext, 'undone'> {
  if (!effect) return {}
  return { undone: { reference: effect.reference, body: unpackRecord(effect.body), output: unpackRecord(effect.output) } }
}
