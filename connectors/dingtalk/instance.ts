import { Instant, type Value, type ValueRecord } from '@shuniu/contracts'
import { unexpected } from './answers.ts'
import { componentOf, type Component } from './fields.ts'
import { callApi, type Session } from './session.ts'
import { filledText, recordOf, recordsOf, textsOf } from './tolerant.ts'

/** An approval as *get instance* gives it (dingtalk.md §4.2). Times have minute precision, in UTC. */
export interface Instance {
  readonly id: string
  readonly title: string
  readonly number: string
  /** `RUNNING`, `COMPLETED`, `TERMINATED`; the list is the vendor's. */
  readonly status: string
  readonly result: 'agree' | 'refuse' | undefined
  /** What it does to the approval in `main`: a change or a revocation is an instance of its own. */
  readonly kind: 'new' | 'modify' | 'revoke'
  readonly main: string | undefined
  readonly attached: readonly string[]
  readonly createdAt: Instant
  readonly finishedAt: Instant | undefined
  readonly originator: string
  readonly department: { readonly id: string | null; readonly name: string | null }
  readonly components: readonly Component[]
}

/** A detail that cannot be what it must be: reading it again will not help. */
export class UnreadableInstance extends Error {}

/** One call. Throws `CallFailure`, or `UnreadableInstance`. */
export async function readInstance(session: Session, id: string): Promise<Instance> {
  const path = `/v1.0/workflow/processInstances?processInstanceId=${encodeURIComponent(id)}`
  const body = await callApi(session, { operation: 'instance.get', method: 'GET', path })
  const result = recordOf(body.result)
  if (!result) throw unexpected('an instance without result')
  return instanceOf(id, result)
}

/** Reads `result` of the answer. */
export function instanceOf(id: string, result: ValueRecord): Instance {
  const kind = kindOf(filledText(result.bizAction))
  const named = filledText(result.mainProcessInstanceId)
  const main = named === id ? undefined : named
  if (kind === undefined || (kind === 'new') !== (main === undefined)) {
    throw new UnreadableInstance(
      `bizAction ${filledText(result.bizAction) ?? 'NONE'} with ${main ?? 'no main instance'}`,
    )
  }
  const decision = filledText(result.result)?.toLowerCase()
  return {
    id,
    title: filledText(result.title) ?? '',
    number: needed(result, 'businessId'),
    status: needed(result, 'status'),
    result: decision === 'agree' || decision === 'refuse' ? decision : undefined,
    kind,
    main,
    attached: textsOf(result.attachedProcessInstanceIds),
    createdAt: instant(result.createTime) ?? unreadable('createTime'),
    finishedAt: filledText(result.finishTime) === undefined ? undefined : finish(result.finishTime),
    originator: needed(result, 'originatorUserId'),
    department: {
      id: filledText(result.originatorDeptId) ?? null,
      name: filledText(result.originatorDeptName) ?? null,
    },
    components: recordsOf(result.formComponentValues).map(componentOf),
  }
}

function kindOf(action: string | undefined): Instance['kind'] | undefined {
  if (action === undefined || action === 'NONE') return 'new'
  return action === 'MODIFY' ? 'modify' : action === 'REVOKE' ? 'revoke' : undefined
}

const instant = (value: Value | undefined): Instant | undefined => Instant.parse(filledText(value) ?? '')
const finish = (value: Value | undefined): Instant => instant(value) ?? unreadable('finishTime')
const needed = (result: ValueRecord, name: string): string => filledText(result[name]) ?? unreadable(name)

function unreadable(name: string): never {
  throw new UnreadableInstance(`${name} is missing or cannot be read`)
}

/** Whether it will not change any more. */
export const isFinal = ({ status }: Instance): boolean =>
  status === 'COMPLETED' || status === 'TERMINATED' || status === 'CANCELED'
