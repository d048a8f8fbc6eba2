import { randomBytes } from 'node:crypto'
import type { FieldValue } from './values.ts'
import { localMinuteDigits } from './times.ts'

/** `result` of *get instance* in the new API (dingtalk.md §4.2). Times are UTC with minute precision. */
export interface Detail {
  readonly title: string
  readonly originatorUserId: string
  readonly originatorDeptId: string
  readonly originatorDeptName: string
  readonly businessId: string
  readonly bizAction: string
  /** The first instance, on one that changes or revokes it. */
  readonly mainProcessInstanceId?: string
  readonly attachedProcessInstanceIds: readonly string[]
  readonly ccUserIds: readonly string[]
  readonly createTime: string
  readonly formComponentValues: readonly FieldValue[]
  readonly status: Status
  /** `agree`, `refuse`; empty while running and when terminated. */
  readonly result: string
  readonly finishTime?: string
  readonly operationRecords: readonly OperationRecord[]
  readonly tasks: readonly Task[]
}

export type Status = 'RUNNING' | 'TERMINATED' | 'COMPLETED'
export type Decision = 'agree' | 'refuse'

export interface OperationRecord {
  readonly userId: string
  readonly date: string
  readonly type: string
  readonly result: string
  readonly remark?: string
  readonly activityId?: string
  readonly showName?: string
}

export interface Task {
  readonly taskId: number
  readonly userId: string
  readonly status: string
  readonly result: string
  readonly createTime: string
  readonly finishTime?: string
  readonly mobileUrl: string
  readonly pcUrl: string
  readonly processInstanceId: string
  readonly activityId: string
  readonly taskGroupName: string
}

/** What was born to be pushed about an instance; shown in the book. */
export interface BornEvent {
  readonly eventId: string
  readonly eventType: string
  readonly type: string
  readonly at: number
}

/** One approval: the detail, and what the detail does not say. Never changed in place: every change is a new object. */
export interface Instance {
  readonly id: string
  readonly processCode: string
  readonly detail: Detail
  /** Whole seconds, in ms; orders the list of ids. */
  readonly createdAt: number
  readonly finishedAt?: number
  readonly events: readonly BornEvent[]
}

/** 22 url-safe characters, a fixed mark and the unix second, as the newer ids of the samples. */
export const newInstanceId = (ms: number): string =>
  `${randomBytes(17).toString('base64url').slice(0, 22)}0512${Math.trunc(ms / 1000)}`

/** 21 digits: the minute in Asia/Shanghai, then a number that is never used again. */
export const businessIdOf = (ms: number, serial: number): string =>
  `${localMinuteDigits(ms)}${String(serial).padStart(9, '0')}`

/** The number in a businessId, 0 when it has another form. */
export const serialOf = (businessId: string): number => (/^\d{21}$/.test(businessId) ? Number(businessId.slice(12)) : 0)
