import { afterEach, expect, test } from 'vitest'
import { TestHub } from '../test-hub.ts'
import { flowWith, lint, problemsOf } from '../test-lint.ts'
import { accounts, payment } from '../test-payments.ts'

let hub: TestHub | undefined
afterEach(async () => {
  await hub?.close()
  hub = undefined
})

const flow = flowWith(
  `  - let:
      account: table("account", event.lines[0].category)
      words: account + "!"
  - park: { message: "\${words}" }
`,
  'let: { who: event.approvalNo }\n',
)

test('names are given in order, later ones use earlier ones', async () => {
  hub = await TestHub.open({ flows: [flow], tables: { account: accounts } })
  await hub.append(payment('A'))
  expect((await hub.rows('runs'))[0]?.detail).toContain('6602!')
})

test('a row that is missing parks the run, and names the row', async () => {
  hub = await TestHub.open({ flows: [flow], tables: { account: accounts } })
  await hub.append(payment('A', { category: 'gifts' }))
  expect((await hub.rows('runs'))[0]).toMatchObject({
    state: 'parked',
    reason: 'unmapped',
    waits_for: 'table:["account","gifts"]',
  })
})

test('a field and a name that do not exist are found, with the nearest right ones', () => {
  expect(lint(flowWith('  - let: { a: event.amont, b: evnt.amount }\n'))).toEqual([
    '5:21 expression.unknown-field',
    '5:31 expression.unknown-name',
  ])
  const said = problemsOf(flowWith('  - let: { a: event.amont, b: evnt.amount }\n')).map(({ error }) =>
    error.help('en'),
  )
  expect(said).toEqual(['Nearest names: amount.', 'Nearest names: event.'])
})
