import { nearest } from '@shuniu/contracts'
import { z } from 'zod'
import { fromSchema } from './issues.ts'
import type { YamlNode } from './node.ts'
import { callTarget, eventType, expression, identifier, located, missing, template } from './parts.ts'

/**
 * The steps of a flow: the one declaration of how each is written. Parts with expressions are nodes, to be compiled with
 * places; `node` is the whole step.
 */

interface StepBase<Kind extends string> {
  readonly kind: Kind
  readonly node: YamlNode
}

/** The first branch whose condition holds, else `otherwise`. */
export interface ChooseStep extends StepBase<'choose'> {
  readonly choose: readonly { readonly when: YamlNode; readonly steps: readonly Step[]; readonly node: YamlNode }[]
  readonly otherwise?: readonly Step[] | undefined
}

/** The same steps for each item of a list. */
export interface EachStep extends StepBase<'each'> {
  readonly each: YamlNode
  readonly by: YamlNode
  readonly steps: readonly Step[]
}

/** One step; `kind` says which. */
export type Step = LetStep | CheckStep | ChooseStep | EachStep | CallStep | EmitStep | ParkStep

/** Values with names, in the order they are written: later ones see earlier ones. */
export const bindings = z
  .record(identifier, expression())
  .describe('Values with names, later ones may use earlier ones.')

/** A list of steps. */
export const steps: z.ZodType<readonly Step[]> = z
  .array(z.lazy(() => step))
  .min(1)
  .describe('Steps, in order.')

const letStep = stepOf('let', { let: bindings })

const checkStep = stepOf('check', {
  check: expression().describe('Condition; when it does not hold, the run parks as "check-failed".'),
  otherwise: template().optional().describe('What a person reads when the condition does not hold.'),
})

const branch = located(z.strictObject({ when: expression().describe('Condition of this branch.'), steps }))

const chooseStep = stepOf('choose', {
  choose: z.array(branch).min(1).describe('The first branch whose condition holds is taken.'),
  otherwise: steps.optional().describe('Steps when no condition holds.'),
})

const eachStep = stepOf('each', {
  each: expression().describe('A list and the name of its item: `event.lines as line`.'),
  by: expression().describe('What tells one item from another, for ever: `line.id`. No two items may have the same.'),
  steps,
})

const undo = located(
  z
    .strictObject({
      on: eventType.describe('The event that takes the document back.'),
      call: callTarget.describe('The operation that undoes it: `kingdee-main/voucher.reverse`.'),
      mode: z.enum(['auto', 'park']).default('park').describe('auto: at once; park: a person says so first (default).'),
      emit: eventType.optional().describe('An event once it is undone.'),
      with: template().optional().describe('Data of that event.'),
    })
    .refine((written) => !written.emit || written.with, missing('with'))
    .refine((written) => !written.with || written.emit, missing('emit')),
)

const callStep = stepOf('call', {
  name: identifier.describe('Name of the step; the ledger knows the document by it, so it stays the same.'),
  call: callTarget.describe('Connection and operation: `kingdee-main/voucher.save`.'),
  with: template().describe('Input of the operation.'),
  undo: undo.optional().describe('What happens when the approval is withdrawn.'),
  onTrouble: z
    .enum(['park', 'continue'])
    .default('park')
    .describe('park (default): a person decides; continue: the flow goes on without it. For notices.'),
  formerly: identifier.optional().describe('The first name of a renamed step: keeps its documents.'),
  new: z.boolean().optional().describe('true: it is no renamed one.'),
})

const emitStep = stepOf('emit', {
  emit: eventType.describe('Type of the event.'),
  with: template().describe('Its data.'),
})

const parkStep = stepOf('park', {
  park: located(
    z.strictObject({
      reason: z.literal('human').default('human'),
      message: template().describe('What the person reads.'),
    }),
  ).describe('Hands the run to a person.'),
})

export type LetStep = z.output<typeof letStep>
export type CheckStep = z.output<typeof checkStep>
export type CallStep = z.output<typeof callStep>
export type EmitStep = z.output<typeof emitStep>
export type ParkStep = z.output<typeof parkStep>
export type Undo = z.output<typeof undo>

/** How each kind of step is written, by the key that tells it from the others. The closed list of what runs today. */
export const stepShapes = {
  let: letStep,
  check: checkStep,
  choose: chooseStep,
  each: eachStep,
  call: callStep,
  emit: emitStep,
  park: parkStep,
} as const

export type StepKind = keyof typeof stepShapes

/** Kinds of the language that this version knows of and refuses. */
const laterKinds = ['wait', 'approve', 'run'] as const

const isKind = (key: string): key is StepKind => Object.hasOwn(stepShapes, key)

/** One step, read by the shape of its kind, so that a mistake in it is not taken for another kind. */
const step: z.ZodType<Step> = z
  .unknown()
  .transform((value, context): Step => {
    const kind = kindOf(value, context)
    const read = kind && stepShapes[kind].safeParse(value, { error: fromSchema })
    if (read?.success) return read.data
    context.issues.push(...(read?.error.issues ?? []).map((issue) => ({ ...issue, input: undefined })))
    return z.NEVER
  })
  .meta({ id: 'step' })

/** The kind of a step, when its keys say exactly one. */
function kindOf(value: unknown, context: z.RefinementCtx): StepKind | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    context.addIssue({ code: 'invalid_type', expected: 'object' })
    return undefined
  }
  const keys = Object.keys(value)
  const kinds = keys.filter(isKind)
  if (kinds.length === 1) return kinds[0]
  context.addIssue({ code: 'custom', params: kindProblem(keys, kinds) })
  return undefined
}

function kindProblem(keys: readonly string[], kinds: readonly string[]): Record<string, string> {
  const later = laterKinds.find((kind) => keys.includes(kind))
  if (kinds.length > 1) return { code: 'config.step-kinds', kinds: kinds.join(', ') }
  if (later) return { code: 'config.step-comes-later', kind: later }
  const known = Object.keys(stepShapes)
  const near = keys.map((key) => nearest(key, known)).find((kind) => kind !== undefined)
  return { code: 'config.step-kind', kinds: known.join(', '), nearest: near ?? 'call' }
}

function stepOf<const Kind extends string, Shape extends z.core.$ZodLooseShape>(kind: Kind, shape: Shape) {
  return located(z.strictObject(shape)).transform((value) => ({ kind, ...value }))
}
