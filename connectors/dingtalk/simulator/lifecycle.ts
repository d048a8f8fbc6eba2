import { randomInt } from 'node:crypto'
import type { Decision, Detail, Instance, OperationRecord, Task } from './instance.ts'
import type { User } from './organisation.ts'
import { departmentById } from './organisation.ts'
import type { Form } from './forms.ts'
import { utcMinute } from './times.ts'
import type { FieldValue } from './values.ts'

/** What happened to an instance or one of its tasks, to be pushed (dingtalk.md §2.4). */
export type Happening =
  | { readonly of: 'instance'; readonly type: 'start' | 'finish' | 'terminate' }
  | { readonly of: 'task'; readonly type: 'start' | 'finish' | 'cancel'; readonly task: Task; readonly remark?: string }

/** An instance after a change, and what happened by it. */
export interface Changed {
  readonly instance: Instance
  readonly happened: readonly Happening[]
}

/** Both forms are agreed by the same two people, one after the other. */
const nodes = [
  { activityId: 'a5c1_7f20', showName: '部门负责人', userId: 'manager6812' },
  { activityId: 'b9d4_1c83', showName: '财务审核', userId: '093621478512036700' },
] as const
const carbonCopy = ['093621478512036700']

/** What a new instance is made of. */
export interface Submission {
  readonly id: string
  readonly businessId: string
  readonly form: Form
  readonly values: readonly FieldValue[]
  readonly originator: User
  readonly at: number
  /** The agreed instance that this one changes or revokes. */
  readonly amends?: { readonly rootId: string; readonly action: 'MODIFY' | 'REVOKE' }
}

export function started(submission: Submission): Changed {
  const { id, form, at } = submission
  const createdAt = Math.trunc(at / 1000) * 1000
  const bare = { id, processCode: form.processCode, detail: firstDetail(submission), createdAt, events: [] }
  const { instance, happened } = withNextTask(bare, nodes[0], at)
  return { instance, happened: [{ of: 'instance', type: 'start' }, ...happened] }
}

function firstDetail({ businessId, form, values, originator, at, amends }: Submission): Detail {
  return {
    title: `${originator.name}提交的${form.name}`,
    originatorUserId: originator.userid,
    originatorDeptId: String(originator.department),
    originatorDeptName: departmentById(originator.department)?.name ?? '',
    businessId,
    bizAction: amends?.action ?? 'NONE',
    ...(amends && { mainProcessInstanceId: amends.rootId }),
    attachedProcessInstanceIds: [],
    ccUserIds: carbonCopy,
    createTime: utcMinute(at),
    formComponentValues: values,
    status: 'RUNNING',
    result: '',
    operationRecords: [record(originator.userid, at, 'START_PROCESS_INSTANCE')],
    tasks: [],
  }
}

const record = (userId: string, at: number, type: string, more: Partial<OperationRecord> = {}): OperationRecord => ({
  userId,
  date: utcMinute(at),
  type,
  result: 'NONE',
  ...more,
})

function withNextTask(instance: Instance, node: (typeof nodes)[number], at: number): Changed {
  const { id, detail } = instance
  const taskId = randomInt(87_231_456_012, 99_999_999_999)
  const url = `https://aflow.dingtalk.com?procInsId=${id}&taskId=${taskId}&businessId=${detail.businessId}`
  const task: Task = {
    taskId,
    userId: node.userId,
    status: 'RUNNING',
    result: 'NONE',
    createTime: utcMinute(at),
    mobileUrl: url,
    pcUrl: url,
    processInstanceId: id,
    activityId: node.activityId,
    taskGroupName: node.showName,
  }
  return {
    instance: { ...instance, detail: { ...detail, tasks: [...detail.tasks, task] } },
    happened: [{ of: 'task', type: 'start', task }],
  }
}

/** The owner of the running task decides it; the last agreement or any refusal ends the instance. */
export function taskDecided(instance: Instance, decision: Decision, at: number, remark?: string): Changed {
  const { detail } = instance
  const running = detail.tasks.find(({ status }) => status === 'RUNNING')
  if (!running) return { instance, happened: [] }
  const result = decision === 'agree' ? 'AGREE' : 'REFUSE'
  const task: Task = { ...running, status: 'COMPLETED', result, finishTime: utcMinute(at) }
  const recorded = record(task.userId, at, 'EXECUTE_TASK_NORMAL', {
    result,
    remark,
    activityId: task.activityId,
    showName: task.taskGroupName,
  })
  const after: Instance = {
    ...instance,
    detail: {
      ...detail,
      operationRecords: [...detail.operationRecords, recorded],
      tasks: detail.tasks.map((one) => (one === running ? task : one)),
    },
  }
  const next = decision === 'agree' ? nodeAfter(task.activityId) : undefined
  const { instance: ended, happened } = next ? withNextTask(after, next, at) : finished(after, decision, at)
  return {
    instance: ended,
    happened: [{ of: 'task', type: 'finish', task, remark }, ...happened],
  }
}

function nodeAfter(activityId: string): (typeof nodes)[number] | undefined {
  const index = nodes.findIndex((node) => node.activityId === activityId)
  return index < 0 ? undefined : nodes[index + 1]
}

/** Everyone who still has to decide does so at once. */
export function decided(instance: Instance, decision: Decision, at: number, remark?: string): Changed {
  let state: Changed = { instance, happened: [] }
  while (state.instance.detail.status === 'RUNNING') {
    const next = taskDecided(state.instance, decision, at, remark)
    if (next.happened.length === 0) return finished(instance, decision, at)
    state = { instance: next.instance, happened: [...state.happened, ...next.happened] }
  }
  return state
}

function finished(instance: Instance, result: Decision, at: number): Changed {
  return {
    instance: {
      ...instance,
      finishedAt: Math.trunc(at / 1000) * 1000,
      detail: { ...instance.detail, status: 'COMPLETED', result, finishTime: utcMinute(at) },
    },
    happened: [{ of: 'instance', type: 'finish' }],
  }
}

/** The originator withdraws it while it is running; open tasks are cancelled. */
export function terminated(instance: Instance, at: number, remark?: string): Changed {
  const { detail } = instance
  const finishTime = utcMinute(at)
  const cancelled = detail.tasks
    .filter(({ status }) => status === 'RUNNING')
    .map((task): Task => ({ ...task, status: 'CANCELED', finishTime }))
  const ended = record(detail.originatorUserId, at, 'TERMINATE_PROCESS_INSTANCE', { remark })
  return {
    instance: {
      ...instance,
      finishedAt: Math.trunc(at / 1000) * 1000,
      detail: {
        ...detail,
        status: 'TERMINATED',
        finishTime,
        operationRecords: [...detail.operationRecords, ended],
        tasks: detail.tasks.map((task) => cancelled.find(({ taskId }) => taskId === task.taskId) ?? task),
      },
    },
    happened: [
      ...cancelled.map((task): Happening => ({ of: 'task', type: 'cancel', task })),
      { of: 'instance', type: 'terminate' },
    ],
  }
}

/** Somebody adds a remark; nothing else changes and nothing is pushed. */
export function remarked(instance: Instance, userId: string, remark: string, at: number): Instance {
  const { detail } = instance
  const added = record(userId, at, 'ADD_REMARK', { remark })
  return { ...instance, detail: { ...detail, operationRecords: [...detail.operationRecords, added] } }
}

/** The first instance names one that changes or revokes it. */
export function attached(instance: Instance, id: string): Instance {
  const { detail } = instance
  const attachedProcessInstanceIds = [...detail.attachedProcessInstanceIds, id]
  return { ...instance, detail: { ...detail, attachedProcessInstanceIds } }
}
