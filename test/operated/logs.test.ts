import { expect, test, vi } from 'vitest'
import { act, fault } from '../scenarios/append.ts'
import { ChildRig } from '../scenarios/child.ts'
import { finished, post, sealed } from '../scenarios/push.ts'
import { patience } from '../scenarios/seen.ts'

vi.setConfig({ testTimeout: 60_000 })

interface Line {
  readonly code: string
  readonly trace_id?: string
  readonly run_id?: number
  readonly operation?: string
}

test('a running hub says more when it is told to, and each line says its run and its trace', async (context) => {
  const rig = await ChildRig.for(context)
  const lines = (): Line[] =>
    rig.said
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Line)
  const approve = async (): Promise<void> => {
    const made = await act<{ id: string; number: string }>(rig.systems.dingtalk.url, 'approved-payment', {
      push: false,
    })
    await post(rig.hub, sealed(finished(made)))
  }
  const done = (): number => rig.data.rows(`SELECT id FROM runs WHERE state = 'done' AND flow <> ''`).length
  await approve()
  await expect.poll(done, patience).toBe(1)
  expect(lines().filter(({ code }) => code === 'vendor.call')).toEqual([])

  const answer = await fetch(`${rig.hub.url}/api/v1/loggers/vendor`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ level: 'debug' }),
  })
  expect(answer.status).toBe(200)
  await fault(rig.systems.kingdee.url, { on: 'voucher.save', fault: 'refuse' })
  await approve()
  const saves = (): Line[] => lines().filter(({ operation }) => operation === 'voucher.save')
  await expect.poll(() => saves().length, patience).toBeGreaterThan(0)
  const [save] = saves()
  expect(save).toMatchObject({
    code: 'vendor.call',
    trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    run_id: expect.any(Number),
  })
  const reads = lines().filter(({ operation, trace_id }) => operation === 'instance.get' && trace_id === save?.trace_id)
  expect(reads.length).toBeGreaterThan(0)
})
