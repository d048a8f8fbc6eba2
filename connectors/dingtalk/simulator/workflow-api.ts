import { ActRefused } from '@shuniu/sdk/simulator'
import type { SimAnswer } from '@shuniu/sdk/simulator'
import { z } from 'zod'
import { answer, newError, oldAnswer, oldError } from './answers.ts'
import type { Approvals } from './approvals.ts'
import { findForm, formChanged, forms, formSchema } from './forms.ts'
import type { Instances } from './instances.ts'
import { listIds } from './instance-ids.ts'
import { oldDetail } from './old-detail.ts'
import { departmentById, userById } from './organisation.ts'
import { route } from './route.ts'
import type { Route } from './route.ts'
import { WriteShapeError, fieldsOf, writtenValues } from './write-shapes.ts'

const READ = 'Workflow.Instance.Read'
const WRITE = 'Workflow.Instance.Write'
const FORM = 'Workflow.Form.Read'
/** After submission an instance cannot be withdrawn for so long. */
const NO_WITHDRAWAL = 15_000

const noInstance = () => newError(400, 'processInstanceNotExist', '审批实例不存在')
const badRequest = (message: string) => newError(400, 'invalidParameter', message)
const cannotExecute = () => newError(400, 'aflowProcessInstCanNotBeExecuted', '审批状态异常，无法执行')
const done = () => answer({ result: true, success: true })

export interface WorkflowGround {
  readonly instances: Instances
  readonly approvals: Approvals
  /** How far back lists may begin: 365 days, five years with OA advanced edition. */
  readonly historyDays: number
  now(): number
}

/** OA approvals (dingtalk.md §4). */
export const workflowRoutes = (ground: WorkflowGround): Route[] => [
  ...formRoutes,
  ...readRoutes(ground),
  ...writeRoutes(ground),
]

const formRoutes: readonly Route[] = [
  route({
    at: 'GET /v1.0/workflow/forms/schemas/processCodes',
    operation: 'form.schema',
    counted: true,
    scope: FORM,
    input: z.object({ processCode: z.string() }),
    run({ processCode }) {
      const form = forms.find((one) => one.processCode === processCode)
      return form ? answer({ result: formSchema(form) }) : newError(400, 'invalidProcessCode', '表单不存在')
    },
  }),
  // The sheet names the call without its answer's shape; this one is [own invention].
  route({
    at: 'GET /v1.0/workflow/processes/managements/templates',
    operation: 'form.list',
    counted: true,
    scope: FORM,
    input: z.object({ userId: z.string() }),
    run: ({ userId }) =>
      userById(userId)
        ? answer({ success: true, result: forms.map(({ name, processCode }) => ({ flowTitle: name, processCode })) })
        : badRequest('userId'),
  }),
  route({
    at: 'GET /v1.0/workflow/processCentres/schemaNames/processCodes',
    operation: 'form.find',
    counted: true,
    scope: FORM,
    input: z.object({ name: z.string() }),
    run({ name }) {
      const form = forms.find((one) => one.name === name)
      if (!form) return newError(400, 'process.error', '表单不存在')
      return answer({ result: { processCode: form.processCode, gmtModified: formChanged } })
    },
  }),
]

const readRoutes = ({ instances, historyDays, now }: WorkflowGround): Route[] => [
  route({
    at: 'GET /v1.0/workflow/processInstances',
    operation: 'instance.get',
    counted: true,
    scope: READ,
    input: z.object({ processInstanceId: z.string() }),
    run({ processInstanceId }) {
      const instance = instances.get(processInstanceId)
      return instance ? answer({ result: instance.detail, success: true }) : noInstance()
    },
  }),
  route({
    at: 'POST /topapi/processinstance/get',
    operation: 'instance.get',
    counted: true,
    scope: READ,
    input: z.object({ process_instance_id: z.string() }),
    run({ process_instance_id }) {
      const instance = instances.get(process_instance_id)
      return instance ? oldAnswer({ process_instance: oldDetail(instance) }) : oldError(820005, '审批实例不存在')
    },
  }),
  route({
    at: 'POST /v1.0/workflow/processes/instanceIds/query',
    operation: 'instance.list',
    counted: true,
    scope: READ,
    empty: () => answer({ result: { list: [] }, success: true }),
    input: z.record(z.string(), z.unknown()),
    run: (asked) => listIds(instances, asked, { historyDays, now: now() }),
  }),
]

const writeRoutes = ({ instances, approvals, now }: WorkflowGround): Route[] => [
  route({
    at: 'POST /v1.0/workflow/processInstances',
    operation: 'instance.create',
    counted: true,
    scope: WRITE,
    input: z.object({
      originatorUserId: z.string(),
      processCode: z.string(),
      deptId: z.number().optional(),
      formComponentValues: writtenValues,
    }),
    run: (asked) => createInstance(approvals, asked),
  }),
  route({
    at: 'POST /v1.0/workflow/processInstances/comments',
    operation: 'approval.comment',
    counted: true,
    scope: WRITE,
    input: z.object({ processInstanceId: z.string(), text: z.string().min(1).max(1024), commentUserId: z.string() }),
    async run({ processInstanceId, text, commentUserId }) {
      if (!instances.get(processInstanceId)) return noInstance()
      if (!userById(commentUserId)) return badRequest('commentUserId 不存在')
      await approvals.comment(processInstanceId, commentUserId, text)
      return done()
    },
  }),
  route({
    at: 'POST /v1.0/workflow/processInstances/terminate',
    operation: 'instance.terminate',
    counted: true,
    scope: WRITE,
    input: z.object({
      processInstanceId: z.string(),
      isSystem: z.boolean().default(false),
      remark: z.string().optional(),
      operatingUserId: z.string().optional(),
    }),
    async run({ processInstanceId, isSystem, remark, operatingUserId }) {
      const instance = instances.newest(processInstanceId)
      if (!instance) return noInstance()
      if (!isSystem && operatingUserId !== instance.detail.originatorUserId) return badRequest('只有发起人可以撤销')
      const tooEarly = now() - instance.createdAt < NO_WITHDRAWAL
      if (tooEarly || instance.detail.status !== 'RUNNING') {
        const message = tooEarly ? '提交审批单后15秒内不能进行撤回' : '审批实例状态异常'
        return newError(400, 'aflowProcessInstStatusException', message)
      }
      await approvals.withdraw(processInstanceId, 'agree', { remark })
      return done()
    },
  }),
  route({
    at: 'POST /v1.0/workflow/processInstances/execute',
    operation: 'task.execute',
    counted: true,
    scope: WRITE,
    input: z.object({
      processInstanceId: z.string(),
      taskId: z.number(),
      actionerUserId: z.string(),
      result: z.enum(['agree', 'refuse']),
      remark: z.string().max(1024).optional(),
    }),
    async run({ processInstanceId, taskId, actionerUserId, result, remark }) {
      const instance = instances.newest(processInstanceId)
      if (!instance) return noInstance()
      const task = instance.detail.tasks.find((one) => one.taskId === taskId)
      if (task?.status !== 'RUNNING' || task.userId !== actionerUserId) return cannotExecute()
      await approvals.decideTask(processInstanceId, result, { remark })
      return done()
    },
  }),
]

interface CreateAsk {
  readonly originatorUserId: string
  readonly processCode: string
  readonly deptId?: number | undefined
  readonly formComponentValues: z.infer<typeof writtenValues>
}

async function createInstance(approvals: Approvals, asked: CreateAsk): Promise<SimAnswer> {
  const form = findForm(asked.processCode)
  if (!form) return newError(400, 'processCodeError', '表单不存在')
  if (!userById(asked.originatorUserId)) return badRequest('originatorUserId 不存在')
  if (asked.deptId === undefined) return badRequest('deptId 不能为空')
  if (asked.deptId !== -1 && !departmentById(asked.deptId)) return badRequest('deptId 不存在')
  try {
    const fields = fieldsOf(form, asked.formComponentValues)
    const made = await approvals.submit({ form: form.processCode, fields, originator: asked.originatorUserId })
    return answer({ instanceId: made.id })
  } catch (error) {
    if (error instanceof WriteShapeError || error instanceof ActRefused) {
      return newError(400, 'formConverterError', error.message)
    }
    throw error
  }
}
