import { randomBytes } from 'node:crypto'
import type { Instance } from './instance.ts'
import type { Happening } from './lifecycle.ts'
import { application } from './organisation.ts'

/** One event on its way to the application; a re-delivery keeps `eventId` (dingtalk.md §3.3). */
export interface PushEvent {
  readonly eventId: string
  readonly eventType: string
  /** `start`, `finish`, `terminate`, `cancel`. */
  readonly type: string
  readonly bornAt: number
  /** The business keys. */
  readonly data: Readonly<Record<string, unknown>>
}

/** The event a happening becomes (dingtalk.md §2.4). */
export function eventOf(instance: Instance, happening: Happening, bornAt: number): PushEvent {
  const { type } = happening
  const isInstance = happening.of === 'instance'
  return {
    eventId: randomBytes(16).toString('hex'),
    eventType: isInstance ? 'bpms_instance_change' : 'bpms_task_change',
    type,
    bornAt,
    data: isInstance ? instanceData(instance, type) : taskData(instance, happening),
  }
}

const commonData = ({ id, processCode, createdAt, detail }: Instance, type: string) => ({
  processInstanceId: id,
  createTime: createdAt,
  processCode,
  bizCategoryId: '',
  businessId: detail.businessId,
  type,
  title: detail.title,
})

function instanceData(instance: Instance, type: string): Record<string, unknown> {
  const { id, finishedAt, detail } = instance
  const page = `https://aflow.dingtalk.com/dingtalk/mobile/homepage.htm?corpid=${application.corpId}`
  const rest = 'dd_share=false&showmenu=false&dd_progress=false&back=native'
  const end = `taskId=&swfrom=isv&dinghash=approval&dtaction=os&dd_from=#approval`
  return {
    ...commonData(instance, type),
    businessType: '',
    url: `${page}&${rest}&procInstId=${id}&${end}`,
    staffId: detail.originatorUserId,
    ...(type === 'finish' && { result: detail.result }),
    ...(type !== 'start' && { finishTime: finishedAt }),
  }
}

function taskData(instance: Instance, { type, task, remark }: Happening & { of: 'task' }): Record<string, unknown> {
  return {
    ...commonData(instance, type),
    taskId: task.taskId,
    staffId: task.userId,
    ...(type === 'finish' && { result: task.result.toLowerCase() }),
    ...(remark !== undefined && { remark }),
    ...(task.finishTime !== undefined && { finishTime: Date.parse(task.finishTime) }),
  }
}

/** The flat plaintext of an HTTP push (dingtalk.md §2.3). */
export const httpText = ({ eventId, eventType, bornAt, data }: PushEvent): string =>
  JSON.stringify({
    EventType: eventType,
    EventTime: bornAt,
    CorpId: application.corpId,
    BizId: String(Math.trunc(bornAt / 1000)),
    eventId,
    ...data,
  })

/** An item of the failed list (dingtalk.md §2.2): the older shape, without an event id. */
export function failedItem({ eventType, bornAt, data }: PushEvent): object {
  const { corpId } = application
  return {
    [eventType]: { bpmsCallBackData: { ...data, corpId, EventType: eventType }, corpid: corpId },
    call_back_tag: eventType,
    event_time: bornAt,
  }
}
