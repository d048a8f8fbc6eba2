import { afterEach, describe, expect, test } from 'vitest'
import { TestHub } from '../test-hub.ts'
import { flowWith, lint } from '../test-lint.ts'
import { payment } from '../test-payments.ts'

let hub: TestHub | undefined
afterEach(async () => {
  await hub?.close()
  hub = undefined
})

const flow = flowWith(`  - choose:
      - when: event.currency == "USD"
        steps:
          - park: { message: dollars }
      - when: event.lines[0].category == "travel"
        steps:
          - let: { words: '"travel"' }
          - park: { message: "\${words}" }
    otherwise:
      - park: { message: otherwise }
`)

test.each([
  ['the first branch whose condition holds', { currency: 'USD' }, 'dollars'],
  ['the next one', {}, 'travel'],
  ['otherwise, when none does', { category: 'meals' }, 'otherwise'],
])('takes %s', async (_, given, words) => {
  hub = await TestHub.open({ flows: [flow] })
  await hub.append(payment('A', given))
  expect((await hub.rows('runs'))[0]?.detail).toContain(`"en":"${words}"`)
})

const branches = (first: string, second: string): string =>
  flowWith(`  - choose:
      - when: ${first}
        steps: [{ park: { message: a } }]
      - when: ${second}
        steps: [{ park: { message: b } }]
    otherwise: [{ park: { message: c } }]
`)

describe('what is never reached', () => {
  test('a branch whose condition never holds', () => {
    expect(lint(branches('false', 'event.amount > 1'))).toEqual(['7:17 flow.unreachable (warning)'])
  })

  test('everything behind a branch whose condition always holds', () => {
    expect(lint(branches('1 < 2', 'event.amount > 1'))).toEqual([
      '9:17 flow.unreachable (warning)',
      '10:17 flow.unreachable (warning)',
    ])
  })

  test('steps behind, when every branch ends in a park', () => {
    const yaml = `${branches('event.amount > 2', 'event.amount > 1')}  - park: { message: d }\n`
    expect(lint(yaml)).toEqual(['11:5 flow.unreachable (warning)'])
  })
})

test('a name given in a branch is not known behind it', () => {
  const yaml = flowWith(`  - choose:
      - when: event.amount > 1
        steps: [{ let: { words: '"a"' } }]
  - park: { message: "\${words}" }
`)
  expect(lint(yaml)).toEqual(['8:25 expression.unknown-name'])
})
