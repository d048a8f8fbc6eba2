import { effectStates, parkReasons } from '@shuniu/contracts'
import { eventType, instant, located, template } from '@shuniu/infra/config'
import { faultRule } from '@shuniu/sdk/simulator'
import { z } from 'zod'

const words = z.string().min(1).max(200)

/** How a run ended: `done`, `skipped`, `parked`, or with the reason: `{ parked: unmapped }`. */
const outcome = z.union([
  z.enum(['done', 'skipped', 'parked']),
  z.strictObject({ skipped: words.describe('`where`, `withdrawn`, `duplicate` …') }),
  z.strictObject({ parked: z.enum(parkReasons) }),
])

const call = z.union([
  z.literal('none').describe('No such call was made.'),
  z.strictObject({
    input: template().optional().describe('Part of what the flow computed.'),
    body: template().optional().describe('Part of what was sent: the ledger’s body.'),
    state: z.enum(effectStates).optional().describe('State of the effect: `confirmed`.'),
  }),
])

/** An event by its type, and its data where they matter. */
const event = {
  type: eventType.describe('Type of the event.'),
  data: template().describe('Its data.'),
}

const emitted = z.union([eventType, z.strictObject(event)])

const expectation = located(
  z.strictObject({
    outcome: outcome.optional().describe('How the run of the flow ended; of several, the last one.'),
    says: words.optional().describe('Part of what a person reads about it, in either language.'),
    undo: outcome.optional().describe('How the undo run ended.'),
    calls: z
      .record(z.string().regex(/^[A-Za-z_]\w*(\.undo)?$/), call)
      .optional()
      .describe('By name of the step; `voucher.undo` is what took `voucher` back.'),
    emits: z.array(emitted).optional().describe('All events the flow emitted, in order.'),
    sends: z.int().min(0).optional().describe('How often money was sent, all effects together.'),
    documents: z.int().min(0).optional().describe('Documents with our reference in the books of the simulators.'),
  }),
)

const fault = z.union([faultRule.shape.fault, faultRule.omit({ on: true })])

const act = z.strictObject({
  on: words.describe('Name of a simulator: `kingdee`.'),
  act: words.describe('What a person does there: `close-period`.'),
  with: z.record(z.string(), z.unknown()).default({}).describe('What the act asks for: `GET /_sim` lists it.'),
})

const testCase = located(
  z.strictObject({
    name: words.describe('What is expected, as a sentence.'),
    event: template().optional().describe('Fields of the event, laid over `given`.'),
    time: instant.optional().describe('When the fact happened; the time of the test when left out.'),
    followedBy: z
      .array(located(z.strictObject(event)))
      .optional()
      .describe('Events that follow, each when everything before has come to rest.'),
    tables: z
      .record(words, z.array(z.record(words, z.string())))
      .optional()
      .describe('Rows that stand for the whole table, by column.'),
    before: z.array(act).optional().describe('What people do in the systems before: close a period, lock an account.'),
    faults: z
      .record(words, fault)
      .optional()
      .describe('By name of the step, or connection/operation; once unless `times` says otherwise.'),
    expect: expectation.describe('What has to come of it; what is not named is not looked at.'),
  }),
)

/** How `tests/<name>.test.yaml` is written (docs/testing.md). */
export const testShape = located(
  z.strictObject({
    flow: words.describe('The flow that is tested.'),
    now: instant.optional().describe('What the clock says when each case begins; the real time when left out.'),
    simulators: z
      .record(words, words)
      .default({})
      .describe('Which simulator’s address each variable holds: `KINGDEE_URL: kingdee`.'),
    options: z
      .record(words, z.record(words, z.string()))
      .default({})
      .describe('Flags of simulators: `kingdee: { open-from: "2026-01" }`.'),
    environment: z.record(words, z.string()).default({}).describe('Further variables that connections refer to.'),
    given: template().optional().describe('Fields that every case’s event has.'),
    cases: z.array(testCase).min(1).describe('The tests, each on an empty store and empty books.'),
  }),
)

export type TestFile = z.output<typeof testShape>
export type TestCase = TestFile['cases'][number]
export type Expectation = TestCase['expect']
export type Outcome = z.output<typeof outcome>
