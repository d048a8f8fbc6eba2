import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { act, fault } from '../scenarios/append.ts'
import { ChildRig } from '../scenarios/child.ts'
import { finished, post, sealed } from '../scenarios/push.ts'
import { live, patience } from '../scenarios/seen.ts'
import { missing, startCollector, withoutCollector, type Collector, type Told } from './collector.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 900_000 })

describe.skipIf(missing !== '')(`traces at a real collector${withoutCollector}`, () => {
  let collector: Collector
  beforeAll(async () => void (collector = await startCollector()))
  afterAll(() => collector.close())

  /** An approval that one process receives, and that another one books: the target did not answer while the first was there. */
  async function twoLives(context: Parameters<typeof ChildRig.for>[0]): Promise<{ rig: ChildRig; approval: string }> {
    const rig = await ChildRig.for(context, {
      environment: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_SERVICE_NAME: 'finance-hub',
        OTEL_BSP_SCHEDULE_DELAY: '200',
      },
    })
    await fault(rig.systems.kingdee.url, { on: '*', fault: 'reset-before', times: 1000 })
    const made = await act<{ id: string; number: string }>(rig.systems.dingtalk.url, 'approved-payment', {
      department: '市场部',
      push: false,
    })
    await post(rig.hub, sealed(finished(made)))
    await expect.poll(() => rig.data.rows('SELECT id FROM runs WHERE attempts > 0').length, patience).toBe(1)
    await rig.hub.end('SIGTERM')
    await fetch(`${rig.systems.kingdee.url}/_sim/faults`, { method: 'DELETE' })
    await rig.start()
    await expect.poll(() => live(rig.systems).length, patience).toBe(1)
    await expect.poll(() => rig.data.rows(`SELECT id FROM runs WHERE state = 'done'`).length, patience).toBe(1)
    await rig.hub.end('SIGTERM')
    return { rig, approval: made.id }
  }

  test('an approval and its voucher are one trace, through two processes and the envelope of events', async (context) => {
    const { rig } = await twoLives(context)
    const spans = collector.spans()
    const root = spans.find(({ name }) => name === 'approval.payment.approved')
    const one = spans.filter(({ trace }) => trace === root?.trace)
    expect(new Set(one.map(({ service }) => service))).toEqual(new Set(['finance-hub']))
    expect(new Set(one.map(({ instance }) => instance)).size).toBe(2)
    const save = one.find(
      ({ name, attributes }) => name === 'call' && attributes['shuniu.operation'] === 'voucher.save',
    )
    expect(wayUp(one, save)).toEqual(['call', 'effect', 'run', 'publish', 'normalise', 'approval.payment.approved'])
    expect(
      wayUp(
        one,
        one.find(({ name }) => name === 'emit'),
      )[1],
    ).toBe('run')
    expect(
      wayUp(
        one,
        one.find(({ name }) => name === 'receive'),
      ),
    ).toEqual(['receive', 'approval.payment.approved'])
    expect(one.filter(({ name }) => name === 'run').map(({ attributes }) => attributes['shuniu.standing'])).toContain(
      'done',
    )
    const emitted = rig.data.rows<{ attributes: string }>(`SELECT attributes FROM events WHERE topic LIKE 'finance.%'`)
    expect(JSON.parse(emitted[0]?.attributes ?? '{}')).toMatchObject({
      traceparent: expect.stringContaining(`-${root?.trace}-`),
    })
    expect(spans.find(({ name }) => name === 'intake')?.links).toContain(root?.trace)
  })

  test('nothing of a document or a person is told', () => {
    const said = JSON.stringify(collector.spans())
    expect(said).not.toMatch(/\p{Script=Han}/u)
    expect(Object.keys(Object.assign({}, ...collector.spans().map(({ attributes }) => attributes))).toSorted()).toEqual(
      [
        'error.type',
        'http.response.status_code',
        'messaging.batch.message_count',
        'messaging.operation.type',
        'shuniu.connection',
        'shuniu.event_type',
        'shuniu.flow',
        'shuniu.operation',
        'shuniu.origin',
        'shuniu.run_id',
        'shuniu.run_kind',
        'shuniu.standing',
        'shuniu.step',
      ],
    )
  })
})

/** Names from a span up to the one that stands under none. */
function wayUp(spans: readonly Told[], from: Told | undefined): string[] {
  const names: string[] = []
  for (let span = from; span; span = spans.find(({ id }) => id === span?.parent)) names.push(span.name)
  return names
}
