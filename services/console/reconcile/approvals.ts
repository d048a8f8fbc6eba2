import { isDecimal, type Decimal } from '@shuniu/contracts'
import type { LogRecord } from '@shuniu/infra/log'
import type { Row } from '@shuniu/infra/store'
import type { ConsolePorts, ReadEvent } from '../ports.ts'
import { recordsFrom } from '../stretches.ts'
import { beginningOf, dayIn, lastBefore, type Period } from './period.ts'

/** An approval of the period that is about money, and the deliveries it caused. */
export interface Approval {
  readonly event: ReadEvent
  readonly number: string
  readonly day: string
  readonly amount: Decimal
  readonly currency?: string
  readonly runs: readonly Row<'runs'>[]
  readonly effects: readonly Row<'effects'>[]
}

export type ApprovalGround = Pick<
  ConsolePorts,
  'store' | 'log' | 'hashes' | 'flows' | 'contracts' | 'readEvent' | 'zone'
>

/** The approvals whose fact lies in the period, read from the log. */
export async function approvalsIn(ground: ApprovalGround, period: Period): Promise<Approval[]> {
  const topics = ground.contracts.filter(asksForMoney).map(({ topic }) => topic)
  const flows = Object.keys(await ground.store.tally('flows', 'flow'))
  const approvals: Approval[] = []
  if (topics.length === 0) return approvals
  for await (const record of recordsFrom(ground.log, topics, await positionBefore(ground, beginningOf(period)))) {
    if (dayIn(ground.zone, record.time).startsWith(period.name))
      approvals.push(...(await approvalOf(ground, record, flows)))
  }
  return approvals
}

/** A contract of the domain `approval` with an amount: somebody said yes to spending it. */
function asksForMoney({ type, fields }: ApprovalGround['contracts'][number]): boolean {
  return type.startsWith('approval.') && fields['amount']?.type.kind === 'decimal'
}

/** A fact of the period arrived when the period had begun: nothing taken in before can be one. */
async function positionBefore({ store }: ApprovalGround, ms: number): Promise<number> {
  const run = await store.get('runs', await lastBefore(store, 'runs', ms))
  return run?.event ?? 0
}

async function approvalOf(ground: ApprovalGround, record: LogRecord, flows: readonly string[]): Promise<Approval[]> {
  const event = ground.readEvent(record)
  const { amount, currency, approvalNo } = event.data
  if (!isDecimal(amount)) return []
  const runs = await runsOf(ground, record, [...flows], event.id)
  const run = runs.filter(({ kind }) => kind === 'flow').map(({ id }) => id)
  const effects = run.length > 0 ? await ground.store.select('effects', { run }) : []
  const number =
    typeof approvalNo === 'string' ? approvalNo : (runs.find((one) => one.number !== null)?.number ?? event.id)
  const day = dayIn(ground.zone, event.time.ms)
  return [{ event, number, day, amount, runs, effects, ...(typeof currency === 'string' ? { currency } : {}) }]
}

async function runsOf(
  { store, hashes, flows: known }: ApprovalGround,
  record: LogRecord,
  flows: readonly string[],
  eventId: string,
): Promise<Row<'runs'>[]> {
  const ofFlows = flows.flatMap((flow) => {
    const key = known.keyOf(flow, record)
    return key === undefined ? [] : [hashes.key(flow, key)]
  })
  return store.select('runs', { key_hash: [hashes.key('', eventId), ...ofFlows], event: record.position })
}
