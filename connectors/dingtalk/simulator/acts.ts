import { ActRefused } from '@shuniu/sdk/simulator'
import type { Act, Book } from '@shuniu/sdk/simulator'
import { z } from 'zod'
import type { Approvals } from './approvals.ts'
import type { CallbackPush, CallbackSettings } from './callback.ts'
import { paymentForm } from './forms.ts'
import type { Gate } from './gate.ts'
import { callbackDefaults } from './organisation.ts'
import { paymentFields } from './payments.ts'
import type { StreamGateway } from './stream.ts'
import { localDay } from './times.ts'
import { amount } from './values.ts'

const instant = z
  .union([z.int(), z.iso.datetime({ offset: true, local: false })])
  .transform((at) => (typeof at === 'number' ? at : Date.parse(at)))
const how = {
  at: instant.optional().describe('when it happened: ms or RFC 3339; default now'),
  push: z.boolean().optional().describe('false: no event is pushed'),
  remark: z.string().optional(),
}
const id = z.string().describe('processInstanceId')
const ending = z
  .enum(['agree', 'refuse', 'running'])
  .default('agree')
  .describe('how the new instance of an agreed one ends')
const fields = z.record(z.string(), z.unknown()).describe('by label, id or alias')
const decision = z.strictObject({ id, ...how })

/** Declares an act whose input is already parsed when it runs. */
const act = <Input>(title: string, input: z.ZodType<Input>, run: (input: Input) => Promise<unknown>): Act => ({
  title,
  input,
  run: (given) => run(input.parse(given)),
})

export interface ActGround {
  readonly approvals: Approvals
  readonly callback: CallbackPush
  readonly stream: StreamGateway
  readonly gate: Gate
  readonly book: Book
  now(): number
}

/** What people do in DingTalk, and in its developer console. */
export const actsOf = (ground: ActGround): Record<string, Act> => ({
  ...approvalActs(ground),
  ...consoleActs(ground),
})

const approvalActs = ({ approvals, now }: ActGround): Record<string, Act> => ({
  submit: act(
    'Fill in a form and submit it',
    z.strictObject({ form: z.string(), fields, originator: z.string().optional(), ...how }),
    (ask) => approvals.submit(ask),
  ),
  agree: act('Everyone agrees', decision, ({ id: one, ...rest }) => approvals.decide(one, 'agree', rest)),
  refuse: act('The next approver refuses', decision, ({ id: one, ...rest }) => approvals.decide(one, 'refuse', rest)),
  withdraw: act(
    'The originator withdraws: a running one ends, an agreed one gets a revoking instance',
    z.strictObject({ id, ending, ...how }),
    ({ id: one, ending: end, ...rest }) => approvals.withdraw(one, end, rest),
  ),
  modify: act(
    'Change fields of an agreed instance by a new one',
    z.strictObject({ id, fields, ending, ...how }),
    ({ id: one, fields: changed, ending: end, ...rest }) => approvals.modify(one, changed, end, rest),
  ),
  load: act('Put a given detail into the book', loadInput, ({ instance, processCode, id: given }) => {
    const name = given ?? instance.tasks[0]?.processInstanceId
    if (name === undefined) throw new ActRefused('the detail does not name its instance; give an id')
    return approvals.load(name, processCode, instance)
  }),
  'approved-payment': act(
    'Submit a payment and have it agreed; what is not given is drawn',
    paymentInput,
    ({ at = now(), push = true, ...wish }) => {
      const drawn = paymentFields(wish, localDay(at))
      return approvals.submit({ form: paymentForm.processCode, fields: drawn, agree: true, at, push })
    },
  ),
})

const paymentInput = z.strictObject({
  lines: z
    .array(
      z.strictObject({
        category: z.string().optional(),
        amount: amount.optional(),
        memo: z.string().optional(),
      }),
    )
    .min(1)
    .optional(),
  amount: amount.optional(),
  department: z.string().optional().describe('name or id'),
  payee: z.string().optional(),
  seed: z.int().optional().describe('the same seed draws the same payment'),
  at: how.at,
  push: how.push,
})

const text = z.string()
const loadInput = z.strictObject({
  processCode: text,
  id: text.optional().describe('default: the one its tasks name'),
  instance: z.looseObject({
    title: text,
    originatorUserId: text,
    originatorDeptId: text,
    originatorDeptName: text,
    businessId: text,
    bizAction: text,
    attachedProcessInstanceIds: z.array(text),
    ccUserIds: z.array(text),
    createTime: text,
    formComponentValues: z.array(
      z.looseObject({ componentType: text, id: text, name: text, value: text, extValue: text.optional() }),
    ),
    status: z.enum(['RUNNING', 'TERMINATED', 'COMPLETED']),
    result: text,
    finishTime: text.optional(),
    mainProcessInstanceId: text.optional(),
    operationRecords: z.array(
      z.looseObject({ userId: text, date: text, type: text, result: text, remark: text.optional() }),
    ),
    tasks: z.array(
      z.looseObject({
        taskId: z.int(),
        userId: text,
        status: text,
        result: text,
        createTime: text,
        finishTime: text.optional(),
        mobileUrl: text,
        pcUrl: text,
        processInstanceId: text,
        activityId: text,
        taskGroupName: text,
      }),
    ),
  }),
})

const consoleActs = ({ callback, stream, gate, book }: ActGround): Record<string, Act> => ({
  'set-callback': act(
    'Save the address events are posted to; the platform checks it first',
    z.strictObject({
      url: z.url(),
      token: z.string().min(3).max(32).default(callbackDefaults.token),
      aesKey: z
        .string()
        .regex(/^[A-Za-z0-9]{43}$/)
        .default(callbackDefaults.aesKey),
      receiveId: z.string().default(callbackDefaults.receiveId),
      check: z.boolean().default(true).describe('false: save it unchecked'),
    }),
    async ({ check, ...settings }) => {
      const problem = check ? await callback.check(settings) : undefined
      if (problem !== undefined) throw new ActRefused(`the address did not pass check_url: ${problem}`)
      callback.settings = settings
      await book.note({ callback: settings })
      return settings
    },
  ),
  'remove-callback': act('Stop posting events', z.strictObject({}), async () => {
    callback.settings = undefined
    await book.note({ callback: null })
    return {}
  }),
  disconnect: act(
    'Let the stream connections expire (frame, silence, close), or cut them at once',
    z.strictObject({ abrupt: z.boolean().default(false) }),
    async ({ abrupt }) => ({ connections: stream.disconnect(abrupt) }),
  ),
  'set-permissions': act(
    'Take permissions away from the application; an empty list gives all back',
    z.strictObject({ missing: z.array(z.string()) }),
    async ({ missing }) => {
      gate.missing = missing
      return { missing }
    },
  ),
})

const callbackNote = z.object({
  callback: z.object({ url: z.string(), token: z.string(), aesKey: z.string(), receiveId: z.string() }).nullable(),
})

/** Callback settings as the last act left them (`null`: none), or undefined when no act touched them. */
export function notedCallback(book: Book): CallbackSettings | null | undefined {
  const note = book.notes().findLast((one) => 'callback' in one)
  return note && callbackNote.parse(note).callback
}
