import { Decimal } from '@shuniu/contracts'
import type { Row } from '@shuniu/infra/store'
import type { Listed } from '@shuniu/sdk'
import type { Say } from '../speech.ts'
import { documentOf } from './compare-approvals.ts'
import type { Finding } from './finding.ts'
import type { Booked } from './ledger.ts'

/** Our reference: SN and 26 characters of Crockford's base32. */
const ours = /^SN[0-9A-HJKMNP-TV-Z]{26}$/

/** The documents of one target, those that carry our reference by it. */
export interface Target {
  readonly connection: string
  readonly documents: readonly Listed[]
}

/** What is seen of a booked document. */
export interface Sighting {
  readonly itself: Listed | undefined
  /** Another document under its reference. */
  readonly other: Listed | undefined
}

export const carriesOurs = ({ reference }: Listed): boolean => reference !== undefined && ours.test(reference)
const isVoid = ({ status }: Listed): boolean => status === 'void'
const nameOf = ({ number, id }: Listed): string => (number === '' ? id : number)

/** Several documents with one reference: the one thing that must never be. `made`: ledger rows by reference. */
export function doubled(
  { connection, documents }: Target,
  made: ReadonlyMap<string, Row<'effects'>>,
  say: Say,
): Finding[] {
  const groups = Map.groupBy(
    documents.filter((one) => carriesOurs(one) && !isVoid(one)),
    (one) => one.reference,
  )
  return [...groups.values()].flatMap((group): Finding[] => {
    const [first] = group
    if (!first?.reference || group.length < 2) return []
    return [
      {
        kind: 'doubled',
        number: made.get(first.reference)?.number ?? nameOf(first),
        connection,
        reference: first.reference,
        expected: '1',
        found: group.map(nameOf).join(', '),
        proposal: say(
          'Several documents carry one reference. Keep one, have the others reversed.',
          '多张单据带有同一参考号。请保留一张，其余冲销。',
        ),
      },
    ]
  })
}

/** A document with our reference that the ledger does not know, or knows as never made. */
export function unknownToUs(one: Listed, connection: string, effect: Row<'effects'> | undefined, say: Say): Finding[] {
  if (effect && !['given up', 'rejected', 'prepared'].includes(effect.state)) return []
  if (isVoid(one)) return []
  const state = effect ? { expected: effect.state } : {}
  return [
    {
      kind: 'unknown-to-us',
      number: effect?.number ?? nameOf(one),
      connection,
      document: nameOf(one),
      ...(one.reference === undefined ? {} : { reference: one.reference }),
      ...state,
      found: `${one.day} ${one.amount}`,
      proposal: effect
        ? say(
            'The ledger says it was not made. Have it reversed, or resolve the run with it.',
            '台账记录为未生成。请冲销该单据，或用它“确认”对应的运行。',
          )
        : say(
            'Another hub, an older backup or a person wrote it. Find out which before it is reversed.',
            '可能由另一套系统、旧备份或人工写入。请先查明来源再决定是否冲销。',
          ),
    },
  ]
}

/** What the target holds against what the ledger booked: in the period, and in the months around it. */
export function compareBooked(
  booked: Booked,
  { itself: found, other }: Sighting,
  { itself: moved, other: otherAround }: Sighting,
  say: Say,
): Finding[] {
  const number = booked.effect.number ?? booked.effect.key
  const common = { number, ...documentOf(booked) }
  if (found && !isVoid(found)) return amounts(booked, found, common, say)
  if (moved && !isVoid(moved))
    return [
      {
        kind: 'period-differs',
        ...common,
        expected: booked.day,
        found: moved.day,
        proposal: say(
          'Somebody moved it to another date in the target. Agree on the month there.',
          '该单据在目标系统中被改到其他日期。请在目标系统确认归属期间。',
        ),
      },
    ]
  return [
    {
      kind: 'deleted',
      ...common,
      expected: `${booked.day} ${booked.amount}`,
      ...gone(found, other ?? otherAround, say),
    },
  ]
}

function gone(found: Listed | undefined, other: Listed | undefined, say: Say): Pick<Finding, 'found' | 'proposal'> {
  if (!other || isVoid(other))
    return {
      found: found ? 'void' : '0',
      proposal: say(
        'Somebody deleted or voided it in the target. Ask why; the approval is without a voucher now.',
        '该单据在目标系统中已被删除或作废，审批目前没有对应凭证。请核实原因。',
      ),
    }
  return {
    found: nameOf(other),
    proposal: say(
      'The document of the ledger is gone, and another carries its reference. Ask who made it, and which shall stand.',
      '台账中的单据已不在，另有单据带有同一参考号。请核实由谁生成、以哪张为准。',
    ),
  }
}

function amounts(booked: Booked, found: Listed, common: Pick<Finding, 'number'>, say: Say): Finding[] {
  if (new Decimal(booked.amount).eq(new Decimal(found.amount))) return []
  return [
    {
      kind: 'amount-differs',
      ...common,
      expected: booked.amount,
      found: found.amount,
      proposal: say(
        'Somebody changed it in the target. Compare both with `shuniu trace`.',
        '该单据在目标系统中被修改。请用 `shuniu trace` 核对。',
      ),
    },
  ]
}
