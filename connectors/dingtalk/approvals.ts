import type { Field, FieldType, Instant, ValueRecord } from '@shuniu/contracts'
import type { FormDescription, Handed, Reading, Source, SourceDocument } from '@shuniu/sdk'
import { userName } from './contacts.ts'
import { isSweep, readEvent, type PushedEvent } from './events.ts'
import { isFailure } from './failures.ts'
import { fieldTypes, readFields } from './fields.ts'
import { readInstance, UnreadableInstance, type Instance } from './instance.ts'
import { lineageOf } from './lineage.ts'
import type { Session } from './session.ts'
import { samples, sweep } from './sweep.ts'

/** Approvals of one form, as expressions see them: `document`. */
export const approval: Source<Session> = {
  title: { en: 'OA approval', zh: 'OA 审批' },
  documentType,
  read: readApproval,
  sweep,
  sample: samples,
}

const STRING: FieldType = { kind: 'string' }
const nullable = (of: FieldType): Field => ({ type: { kind: 'nullable', of } })

function documentType(form?: FormDescription): FieldType {
  const fields: FieldType = form
    ? { kind: 'record', name: form.title, fields: fieldTypes(form.fields) }
    : { kind: 'map', of: { kind: 'dyn' } }
  return {
    kind: 'record',
    name: 'approval',
    fields: {
      id: { type: STRING, doc: 'Instance id of this document.' },
      rootId: { type: STRING, doc: 'Instance id of the first one: the same through later changes.' },
      kind: { type: STRING, values: ['new', 'modify', 'revoke'] },
      revision: { type: { kind: 'integer' }, doc: '1 + agreed changes.' },
      number: { type: STRING, doc: 'Approval number (businessId).' },
      form: { type: STRING, doc: 'processCode of the form.' },
      title: { type: STRING },
      status: { type: STRING, values: ['COMPLETED'] },
      result: { type: STRING, values: ['agree', 'refuse'] },
      createdAt: { type: { kind: 'instant' } },
      finishedAt: { type: { kind: 'instant' } },
      originator: { type: { kind: 'record', fields: { id: { type: STRING }, name: nullable(STRING) } } },
      department: { type: { kind: 'record', fields: { id: nullable(STRING), name: nullable(STRING) } } },
      fields: { type: fields },
    },
  }
}

/**
 * A start, a comment or another event costs no call. A finish or a sweep reads the instance: the detail decides,
 * and where it contradicts the push it is read again later.
 */
async function readApproval(
  session: Session,
  receipt: Handed,
  forms: Readonly<Record<string, FormDescription>>,
): Promise<Reading> {
  const { form } = receipt
  const event = isSweep(receipt) ? undefined : readEvent(receipt.body)
  if (!isSweep(receipt)) {
    if (!event) return { is: 'unreadable', because: 'this is no event of DingTalk' }
    const because = uninteresting(event, session.settings.corpId)
    if (because !== undefined) return { is: 'skipped', because, final: false }
  }
  if (form === undefined) return { is: 'unreadable', because: 'processCode is missing' }
  try {
    const instance = await readInstance(session, receipt.subject)
    if (!isFinished(instance)) return unfinished(instance, event)
    const because = contradiction(event, instance.result)
    if (because !== undefined) return { is: 'again', because }
    return { is: 'document', document: await documentOf(session, form, instance, forms[form]) }
  } catch (error) {
    if (error instanceof UnreadableInstance) return { is: 'unreadable', because: error.message }
    if (isFailure(error, 'not-found')) return { is: 'again', because: `it or its root is not there: ${error.message}` }
    throw error
  }
}

/** Why an event needs no look at its document. */
function uninteresting({ type, change, corpId, subject }: PushedEvent, ours: string | undefined): string | undefined {
  if (ours !== undefined && corpId !== undefined && corpId !== ours) return `it belongs to the organisation ${corpId}`
  if (type !== 'bpms_instance_change') return `events of type ${type} are not used`
  if (change !== 'finish' && change !== 'terminate') return `an event of type ${change ?? 'none'} brings no document`
  return subject === '' ? 'it names no instance' : undefined
}

/** An approval that was decided. */
type Finished = Instance & { readonly result: 'agree' | 'refuse'; readonly finishedAt: Instant }

const isFinished = (instance: Instance): instance is Finished =>
  instance.status === 'COMPLETED' && instance.result !== undefined && instance.finishedAt !== undefined

/** What the detail says when it is no document. */
function unfinished({ status }: Instance, event: PushedEvent | undefined): Reading {
  if (status === 'TERMINATED' || status === 'CANCELED') {
    if (event?.change === 'finish') return { is: 'again', because: `the push says finish, the approval ${status}` }
    return { is: 'skipped', because: 'withdrawn before it was approved', final: true }
  }
  if (status === 'COMPLETED') return { is: 'again', because: 'the approval is COMPLETED without result or time' }
  if (event) return { is: 'again', because: `the push says ${event.change}, the approval ${status}` }
  return { is: 'skipped', because: `the approval is ${status}`, final: false }
}

/** What the push says against the detail. */
function contradiction(event: PushedEvent | undefined, result: string): string | undefined {
  const said = event?.change === 'terminate' ? 'terminate' : event?.result
  return said === undefined || said === result ? undefined : `the push says ${said}, the approval ${result}`
}

async function documentOf(
  session: Session,
  form: string,
  instance: Finished,
  description: FormDescription | undefined,
): Promise<SourceDocument> {
  const { id, kind, number, status, result, finishedAt } = instance
  const { root, rootAt, agreedChanges } = await lineageOf(session, instance)
  const values = await valuesOf(session, form, instance, description)
  const version = `${status} ${result} ${finishedAt.toString()}`
  return { form, id, root, kind, number, final: true, at: finishedAt, rootAt, version, agreedChanges, values }
}

async function valuesOf(
  session: Session,
  form: string,
  instance: Finished,
  description: FormDescription | undefined,
): Promise<ValueRecord> {
  const { title, status, result, createdAt, finishedAt, department } = instance
  const { values: fields, doubled } = readFields(instance.components, description?.fields ?? [])
  if (doubled.length > 0) session.ground.log.warn('dingtalk.label-twice', { form, labels: doubled })
  const originator = { id: instance.originator, name: await userName(session, instance.originator) }
  return { form, title, status, result, createdAt, finishedAt, originator, department, fields }
}
