import { randomUUID } from 'node:crypto'
import { ActRefused } from '@shuniu/sdk/simulator'
import type { Book } from '@shuniu/sdk/simulator'
import { eventOf } from './events.ts'
import type { PushEvent } from './events.ts'
import { findForm } from './forms.ts'
import type { Form } from './forms.ts'
import { businessIdOf, newInstanceId } from './instance.ts'
import type { Decision, Detail, Instance } from './instance.ts'
import type { Instances } from './instances.ts'
import { attached, decided, remarked, started, taskDecided, terminated } from './lifecycle.ts'
import type { Changed, Submission } from './lifecycle.ts'
import { findUser } from './organisation.ts'
import type { User } from './organisation.ts'
import type { Publisher } from './publisher.ts'
import { changeFields, fillForm } from './values.ts'
import type { FieldValue, Fields } from './values.ts'

/** What an act answers: the instance it made or changed. */
export interface Named {
  readonly id: string
  readonly number: string
}

/** How an act is done. */
export interface How {
  /** When it happened; now when absent. */
  readonly at?: number
  /** False: nothing is pushed. */
  readonly push?: boolean
  readonly remark?: string
}

/** What people do with approvals. Everything takes effect at once; a promise resolves when it is on disk. */
export interface Approvals {
  submit(ask: { form: string; fields: Fields; originator?: string; agree?: boolean } & How): Promise<Named>
  decide(id: string, decision: Decision, how: How): Promise<Named>
  /** The owner of the running task decides that task only. */
  decideTask(id: string, decision: Decision, how: How): Promise<Named>
  /** Running: it ends as terminated. Agreed: a new instance that revokes it. */
  withdraw(id: string, ending: Decision | 'running', how: How): Promise<Named>
  /** A new instance that changes an agreed one. */
  modify(id: string, fields: Fields, ending: Decision | 'running', how: How): Promise<Named>
  /** Puts a given detail into the book; nothing is pushed. */
  load(id: string, processCode: string, detail: Detail): Promise<Named>
  comment(id: string, userId: string, text: string): Promise<void>
}

interface Ground {
  readonly instances: Instances
  readonly book: Book
  readonly publisher: Publisher
  now(): number
}

export function openApprovals({ instances, book, publisher, now }: Ground): Approvals {
  /** Writes the states one after the other, then pushes what happened by them. */
  const commit = async (changes: readonly Changed[], { push = true }: How): Promise<Named> => {
    const bornAt = now()
    const writes: Promise<void>[] = []
    const pushed: PushEvent[] = []
    let events = changes[0] ? (instances.newest(changes[0].instance.id)?.events ?? []) : []
    for (const { instance, happened } of changes) {
      const born = push ? happened.map((one) => eventOf(instance, one, bornAt)).filter(publisher.isTicked) : []
      events = [...events, ...born.map(({ eventId, eventType, type }) => ({ eventId, eventType, type, at: bornAt }))]
      writes.push(instances.put({ ...instance, events }))
      pushed.push(...born)
    }
    await Promise.all(writes)
    for (const event of pushed) publisher.publish(event)
    const last = changes.at(-1)?.instance
    return { id: last?.id ?? '', number: last?.detail.businessId ?? '' }
  }

  const begin = (made: Omit<Submission, 'id' | 'businessId' | 'at'>, at: number): Changed => {
    const businessId = businessIdOf(at, instances.nextSerial())
    return started({ ...made, id: newInstanceId(at), businessId, at })
  }

  const amend = async (
    root: Instance,
    made: { action: 'MODIFY' | 'REVOKE'; values: readonly FieldValue[] },
    ending: Decision | 'running',
    how: How,
  ): Promise<Named> => {
    const at = how.at ?? now()
    const amends = { rootId: root.id, action: made.action }
    const first = begin({ form: formOf(root), values: made.values, originator: originatorOf(root), amends }, at)
    const rootWritten = instances.put(attached(root, first.instance.id))
    const rest = ending === 'running' ? [] : [decided(first.instance, ending, at, how.remark)]
    const [named] = await Promise.all([commit([first, ...rest], how), rootWritten])
    return named
  }

  /** The agreed first instance that `id` belongs to; refuses one that was revoked. */
  const agreedRoot = (id: string): Instance => {
    const one = existing(instances, id)
    const root = existing(instances, one.detail.mainProcessInstanceId ?? id)
    if (root.detail.result !== 'agree') throw new ActRefused(`${root.id} was not agreed`)
    if (amendments(instances, root).some(({ detail }) => detail.bizAction === 'REVOKE')) {
      throw new ActRefused(`${root.id} has been revoked`)
    }
    return root
  }

  return {
    submit({ form: written, fields, originator, agree = false, ...how }) {
      const form = findForm(written)
      if (!form) throw new ActRefused(`there is no form ${written}`)
      const at = how.at ?? now()
      const first = begin({ form, values: fillForm(form, fields), originator: knownUser(originator) }, at)
      return commit(agree ? [first, decided(first.instance, 'agree', at, how.remark)] : [first], how)
    },
    decide(id, decision, how) {
      const running = runningOne(instances, id)
      return commit([decided(running, decision, how.at ?? now(), how.remark)], how)
    },
    decideTask(id, decision, how) {
      const running = runningOne(instances, id)
      return commit([taskDecided(running, decision, how.at ?? now(), how.remark)], how)
    },
    withdraw(id, ending, how) {
      const one = existing(instances, id)
      if (one.detail.status === 'RUNNING') return commit([terminated(one, how.at ?? now(), how.remark)], how)
      const root = agreedRoot(id)
      return amend(root, { action: 'REVOKE', values: latestValues(instances, root) }, ending, how)
    },
    modify(id, fields, ending, how) {
      const root = agreedRoot(id)
      const values = changeFields(formOf(root), latestValues(instances, root), fields)
      return amend(root, { action: 'MODIFY', values }, ending, how)
    },
    load(id, processCode, detail) {
      const finishedAt = detail.finishTime === undefined ? undefined : Date.parse(detail.finishTime)
      const instance = { id, processCode, detail, createdAt: createdAtOf(id, detail), finishedAt, events: [] }
      return commit([{ instance, happened: [] }], { push: false })
    },
    async comment(id, userId, text) {
      const one = existing(instances, id)
      const at = now()
      const body = { processInstanceId: id, commentUserId: userId, text, at }
      const number = one.detail.businessId
      await Promise.all([
        book.append({ id: randomUUID(), number, kind: 'comment', status: 'ADDED', reference: id, body }),
        instances.put(remarked(one, userId, text, at)),
      ])
    },
  }
}

function existing(instances: Instances, id: string): Instance {
  const found = instances.newest(id)
  if (!found) throw new ActRefused(`there is no instance ${id}`)
  return found
}

function runningOne(instances: Instances, id: string): Instance {
  const found = existing(instances, id)
  if (found.detail.status !== 'RUNNING') throw new ActRefused(`${id} is ${found.detail.status}`)
  return found
}

function formOf({ id, processCode }: Instance): Form {
  const form = findForm(processCode)
  if (!form) throw new ActRefused(`the form ${processCode} of ${id} is not one of this simulator`)
  return form
}

const DEFAULT_ORIGINATOR = '01482567391029374'

function knownUser(written = DEFAULT_ORIGINATOR): User {
  const user = findUser(written)
  if (!user) throw new ActRefused(`there is no user ${written}`)
  return user
}

const originatorOf = ({ detail }: Instance): User => knownUser(detail.originatorUserId)

/** What agreed instances changed or revoked this one, oldest first. */
const amendments = (instances: Instances, { detail }: Instance): Instance[] =>
  detail.attachedProcessInstanceIds
    .map((id) => instances.newest(id))
    .filter((one) => one !== undefined)
    .filter((one) => one.detail.result === 'agree')

/** The form as the last agreed change left it. */
function latestValues(instances: Instances, root: Instance): readonly FieldValue[] {
  const changes = amendments(instances, root).filter(({ detail }) => detail.bizAction === 'MODIFY')
  return (changes.at(-1) ?? root).detail.formComponentValues
}

/** Newer ids end in the unix second; the detail itself knows the minute only. */
function createdAtOf(id: string, { createTime }: Detail): number {
  const second = /(\d{10})$/.exec(id)?.[1]
  return second === undefined ? Date.parse(createTime) : Number(second) * 1000
}
