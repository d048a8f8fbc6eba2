import { afterEach, expect, test } from 'vitest'
import { TestHub } from '../test-hub.ts'
import { flowWith, lint } from '../test-lint.ts'
import { payment } from '../test-payments.ts'

let hub: TestHub | undefined
afterEach(async () => {
  await hub?.close()
  hub = undefined
})

test('hands the run to a person, with the words of the flow', async () => {
  hub = await TestHub.open({ flows: [flowWith('  - park: { message: "look at ${event.approvalNo}" }\n')] })
  await hub.append(payment('A'))
  expect((await hub.rows('runs'))[0]).toMatchObject({ state: 'parked', reason: 'human' })
  expect((await hub.rows('runs'))[0]?.detail).toContain('look at NO-A')
})

test('steps behind it are never reached; only the first of them is told', () => {
  const park = '  - park: { message: here }\n'
  expect(lint(flowWith(`${park}${park}${park}`))).toEqual(['6:5 flow.unreachable (warning)'])
})
