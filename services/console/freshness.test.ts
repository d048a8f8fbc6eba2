import { expect, test } from 'vitest'
import { oldestUnfinished } from './freshness.ts'
import { flow, openTestHub, payment } from './test-hub/index.ts'

test('the age of a flow is that of the oldest fact it has not finished, in whatever state that is', async () => {
  const hub = await openTestHub()
  const runs = [
    ['done', '2026-11-20T00:00:00Z'],
    ['parked', '2026-11-22T00:00:00Z'],
    ['queued', '2026-11-22T01:59:00Z'],
  ] as const
  for (const [state, time] of runs) {
    const { position } = await hub.rows.event('approval.payment.approved', payment(state), { time })
    await hub.rows.run({ key: state, event: position, state })
  }
  expect(await oldestUnfinished(hub.ports, [flow, 'other'])).toEqual(
    new Map([
      [flow, 7_200],
      ['other', 0],
    ]),
  )
  await hub.close()
})
