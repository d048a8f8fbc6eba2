import { problem, type Problem } from '@shuniu/contracts'
import { z } from 'zod'
import { decode, type Decoded } from './decode.ts'
import { nodeAt, placeOf, type YamlNode } from './node.ts'
import { eventType, expression, instant, located, name, words } from './parts.ts'
import { bindings, steps, type CallStep, type Step } from './step.ts'

/** How `flows/<name>.yaml` is written. */
export const flowShape = located(
  z.strictObject({
    flow: name.describe('Name of the flow, the same as its file.'),
    title: words.optional().describe('What people read.'),
    on: eventType.describe('The event that starts it.'),
    since: instant.describe('Nothing older is ever posted. Mandatory.'),
    where: expression().optional().describe('Condition; an event that does not meet it is skipped.'),
    key: expression()
      .optional()
      .describe('What keeps events in order and documents apart; the key of the contract when left out.'),
    let: bindings.optional(),
    steps,
    formerly: name.optional().describe('The first name of a renamed flow: keeps its documents.'),
    new: z.boolean().optional().describe('true: it is no renamed one.'),
  }),
)

/** A flow as it is written; parts with expressions are nodes. */
export type FlowFile = z.output<typeof flowShape>

/** Reads a flow; two steps with the same name are a mistake, for the ledger knows documents by it. */
export function decodeFlow(node: YamlNode): Decoded<FlowFile> {
  const { value, problems } = decode(node, flowShape)
  if (!value) return { value, problems }
  const repeated = repeatedNames(value.steps)
  return { value: repeated.length > 0 ? undefined : value, problems: repeated }
}

/** All steps with the ones inside them, in the order they are written. */
export function* everyStep(list: readonly Step[]): Generator<Step> {
  for (const step of list) {
    yield step
    if (step.kind === 'each') yield* everyStep(step.steps)
    if (step.kind !== 'choose') continue
    for (const branch of step.choose) yield* everyStep(branch.steps)
    yield* everyStep(step.otherwise ?? [])
  }
}

function repeatedNames(list: readonly Step[]): Problem[] {
  const first = new Map<string, CallStep>()
  return [...everyStep(list)].flatMap((step) => {
    if (step.kind !== 'call') return []
    const other = first.get(step.name)
    if (!other) first.set(step.name, step)
    return other ? [repeatedName(step, other)] : []
  })
}

function repeatedName(step: CallStep, other: CallStep): Problem {
  const place = placeOf(nodeAt(step.node, ['name']) ?? step.node)
  return problem('config.duplicate-step', { name: step.name, first: placeOf(other.node).line }, place)
}
