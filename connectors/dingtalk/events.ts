import { hash } from 'node:crypto'
import type { Value, ValueRecord } from '@shuniu/contracts'
import { parseJson } from '@shuniu/infra/json'
import type { Handed } from '@shuniu/sdk'
import { filledText, foldedKeys, innerJson, msOf, recordOf, textsOf } from './tolerant.ts'

/** What a push says (dingtalk.md §2.3). Only a hint: the document is read afresh. */
export interface PushedEvent {
  /** `bpms_instance_change`, `bpms_task_change`, `user_add_org`, … */
  readonly type: string
  /** The vendor's event id; older shapes have none and get a hash of what they say. */
  readonly key: string
  readonly corpId: string | undefined
  /** The approval instance, or else the task, user or department it is about. */
  readonly subject: string
  readonly form: string | undefined
  /** `start`, `finish`, `terminate`, `delete`. */
  readonly change: string | undefined
  /** `agree`, `refuse`; on a finish only. */
  readonly result: string | undefined
  readonly bornAt: number | undefined
}

const subjects = ['processinstanceid', 'taskid', 'staffid', 'userid', 'deptid'] as const

/** Reads the flat shape of an HTTP push, the older one, and what `streamBody` wrote; undefined when it is no event. */
export function readEvent(text: string): PushedEvent | undefined {
  const outer = parsed(text)
  if (!outer) return undefined
  const said = foldedKeys({ ...outer, ...recordOf(innerJson(filledText(outer.data))) })
  const one = (name: string): string | undefined => filledText(said[name])
  const type = one('eventtype')
  if (type === undefined) return undefined
  const subject = subjects.map((name) => namesOf(said[name])).find((names) => names !== '') ?? ''
  const facts = [type, subject, one('type'), one('result'), one('finishtime') ?? one('createtime') ?? one('timestamp')]
  return {
    type,
    key: one('eventid') ?? hash('sha256', JSON.stringify(facts)),
    corpId: one('corpid'),
    subject,
    form: one('processcode'),
    change: one('type'),
    result: one('result'),
    bornAt: msOf(said['eventtime']) ?? msOf(said['timestamp']) ?? msOf(said['finishtime']) ?? msOf(said['createtime']),
  }
}

/** An id, or several of a batch. */
const namesOf = (value: Value | undefined): string => filledText(value) ?? textsOf(value).join(',')

function parsed(text: string): ValueRecord | undefined {
  try {
    return recordOf(parseJson(text, { maxDepth: 32, duplicateKeys: 'last' }))
  } catch {
    return undefined
  }
}

/** What the hub stores of a push. A text that is no event is stored as well: it parks with its bytes. */
export function handedOf(body: string, event = readEvent(body)): Handed {
  if (!event) return { source: 'approval', subject: '', body }
  return {
    source: 'approval',
    key: event.key,
    subject: event.subject,
    ...(event.form === undefined ? {} : { form: event.form }),
    ...(event.bornAt === undefined ? {} : { bornAt: event.bornAt }),
    body,
  }
}

/** The part of a stream frame's headers that is the same at every delivery of an event (dingtalk.md §3.2). */
export interface StreamEventHeaders {
  readonly eventType: string
  readonly eventId?: string | undefined
  readonly eventCorpId?: string | undefined
  readonly eventBornTime?: string | undefined
}

/** One text of a stream event for the receipt; `data` stays as it came. */
export function streamBody(headers: StreamEventHeaders, data: string): string {
  const { eventType, eventCorpId, eventBornTime, eventId } = headers
  return JSON.stringify({ EventType: eventType, EventTime: eventBornTime, CorpId: eventCorpId, eventId, data })
}

/**
 * An event of the stream. Its key is kept apart from that of a push: the two have different bytes,
 * and equal keys with different bytes would look like a forgery when an application receives both.
 */
export function handedOfStream(headers: StreamEventHeaders, data: string): Handed {
  const handed = handedOf(streamBody(headers, data))
  return handed.key === undefined ? handed : { ...handed, key: `stream:${handed.key}` }
}

/** A document found by a sweep. */
export const handedOfSweep = (form: string, instance: string): Handed => ({
  source: 'approval',
  key: `sweep:${instance}`,
  subject: instance,
  form,
  body: JSON.stringify({ sweep: instance, processCode: form }),
})

export const isSweep = ({ key, subject }: Handed): boolean => key === `sweep:${subject}`
