import { hash } from 'node:crypto'
import type { Value, ValueRecord } from '@shuniu/contracts'
import { parseJson } from '@shuniu/infra/json'
import type { Handed } from '@shuniu/sdk'
import { readFlat } from './flat.ts'
import { filledText, innerJson, msOf, recordOf, textsOf } from './tolerant.ts'

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
const times = ['eventtime', 'timestamp', 'finishtime', 'createtime'] as const
const members = ['eventtype', 'eventid', 'corpid', 'processcode', 'type', 'result', ...subjects, ...times] as const
type Member = (typeof members)[number]
type Said = Partial<Record<Member, Value>>

/** Reads the flat shape of an HTTP push, the older one, and what `streamBody` wrote; undefined when it is no event. */
export function readEvent(text: string): PushedEvent | undefined {
  const said = flatly(text) ?? inFull(text)
  const one = (name: Member): string | undefined => filledText(said[name])
  const type = one('eventtype')
  if (type === undefined) return undefined
  const subject = subjectOf(said)
  return {
    type,
    key: one('eventid') ?? keyOf([type, subject, one('type'), one('result'), timeOf(one)]),
    corpId: one('corpid'),
    subject,
    form: one('processcode'),
    change: one('type'),
    result: one('result'),
    bornAt: bornAt(said),
  }
}

/** What a flat text says; undefined when it is none, or has another text inside. */
function flatly(text: string): Said | undefined {
  const record = readFlat(text)
  if (record === undefined || 'data' in record) return undefined
  const said: Said = {}
  for (const name in record) {
    const member = memberOf(name)
    const value = record[name] ?? null
    if (member !== undefined) said[member] ??= typeof value === 'number' ? String(value) : value
  }
  return said
}

/** What any text says, the text inside included. */
function inFull(text: string): Said {
  const outer = parsed(text)
  const said: Said = {}
  for (const [name, value] of Object.entries({ ...outer, ...recordOf(innerJson(filledText(outer?.data))) })) {
    const member = memberOf(name)
    if (member !== undefined) said[member] ??= value
  }
  return said
}

const spellings = new Map<string, Member>(members.map((name) => [name, name]))

/** `UserId`, `userId` and `userid` are one. */
const memberOf = (name: string): Member | undefined => spellings.get(name) ?? spellings.get(name.toLowerCase())

function subjectOf(said: Said): string {
  for (const name of subjects) {
    const names = namesOf(said[name])
    if (names !== '') return names
  }
  return ''
}

function bornAt(said: Said): number | undefined {
  for (const name of times) {
    const ms = msOf(said[name])
    if (ms !== undefined) return ms
  }
  return undefined
}

const timeOf = (one: (name: Member) => string | undefined): string | undefined =>
  one('finishtime') ?? one('createtime') ?? one('timestamp')

const keyOf = (facts: readonly (string | undefined)[]): string => hash('sha256', JSON.stringify(facts))

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
