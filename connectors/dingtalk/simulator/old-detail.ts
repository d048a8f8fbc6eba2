import type { Instance } from './instance.ts'
import { localSecond } from './times.ts'

/** `process_instance` of the old *get* call: other names, local times, task ids as text (dingtalk.md §4.2). */
export function oldDetail({ id, detail, createdAt, finishedAt }: Instance): object {
  return {
    attached_process_instance_ids: detail.attachedProcessInstanceIds,
    biz_action: detail.bizAction,
    business_id: detail.businessId,
    cc_userids: detail.ccUserIds,
    create_time: localSecond(createdAt),
    ...(finishedAt !== undefined && { finish_time: localSecond(finishedAt) }),
    form_component_values: detail.formComponentValues.map(({ componentType, extValue, id: field, name, value }) => ({
      component_type: componentType,
      ...(extValue !== undefined && { ext_value: extValue }),
      id: field,
      name,
      value,
    })),
    ...(detail.mainProcessInstanceId !== undefined && { main_process_instance_id: detail.mainProcessInstanceId }),
    operation_records: detail.operationRecords.map(({ date, result, type, remark, userId }) => ({
      date: fromMinute(date),
      operation_result: result,
      operation_type: type,
      ...(remark !== undefined && { remark }),
      userid: userId,
    })),
    originator_dept_id: detail.originatorDeptId,
    originator_dept_name: detail.originatorDeptName,
    originator_userid: detail.originatorUserId,
    result: detail.result,
    status: detail.status,
    tasks: detail.tasks.map((task) => ({
      activity_id: task.activityId,
      create_time: fromMinute(task.createTime),
      ...(task.finishTime !== undefined && { finish_time: fromMinute(task.finishTime) }),
      task_result: task.result,
      task_status: task.status,
      taskid: String(task.taskId),
      url: `?procInsId=${id}&taskId=${task.taskId}&businessId=${detail.businessId}`,
      userid: task.userId,
    })),
    title: detail.title,
  }
}

const fromMinute = (time: string): string => localSecond(Date.parse(time))
