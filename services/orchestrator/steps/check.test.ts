import { afterEach, expect, test } from 'vitest'
import { TestHub } from '../test-hub.ts'
import { flowWith, lint } from '../test-lint.ts'
import { payment } from '../test-payments.ts'

let hub: TestHub | undefined
afterEach(async () => {
  await hub?.close()
  hub = undefined
})

const flow = flowWith(`  - check: event.lines.sum(l, l.amount) == event.amount
    otherwise: "\${event.approvalNo} does not add up"
  - check: event.currency == "CNY"
`)

test('a condition that holds lets the run go on', async () => {
  hub = await TestHub.open({ flows: [flow] })
  await hub.append(payment('A'))
  expect((await hub.totals()).short).toMatchObject({ 'done test': 1 })
})

test('one that does not parks the run with the words of the flow, or with the condition itself', async () => {
  hub = await TestHub.open({ flows: [flow] })
  await hub.append(payment('A', { lines: '1' }), payment('B', { currency: 'USD' }))
  const [first, second] = await hub.rows('runs')
  expect([first?.reason, second?.reason]).toEqual(['check-failed', 'check-failed'])
  expect(first?.detail).toContain('NO-A does not add up')
  expect(second?.detail).toContain(String.raw`event.currency == \"CNY\" does not hold`)
})

test('what is no condition is refused', () => {
  expect(lint(flowWith('  - check: event.amount\n'))).toEqual(['5:12 template.wrong-type'])
})

test('steps behind one that never holds are never reached', () => {
  expect(lint(flowWith('  - check: 1 == 2\n  - park: { message: here }\n'))).toEqual(['6:5 flow.unreachable (warning)'])
})
