import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Decimal, eventId, Instant } from '@shuniu/contracts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { act, append, fault } from '../scenarios/append.ts'
import { payment } from '../scenarios/events.ts'
import { finished, post, sealed } from '../scenarios/push.ts'
import { pause } from '../processes/pause.ts'
import { openRig, type Rig } from '../scenarios/rig.ts'
import { patience, receipts } from '../scenarios/seen.ts'
import { missing, readRepository, startPrometheus, withoutPrometheus, type Prometheus } from './prometheus.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

/** The rules that are shipped; only nobody has to wait for them here. */
const impatient = readRepository('deploy/prometheus/rules.yml').replaceAll(/ for: \S+/g, ' for: 0s')
/** Nothing deletes records of the embedded log: this one would need a broker that did. */
const onlyOnKafka = 'ShuniuLogGap'
const names = [...impatient.matchAll(/- alert: (\w+)/g)]
  .map(([, name = '']) => name)
  .filter((name) => name !== onlyOnKafka)

const minutes = 60_000

/** An event of two hours ago. */
function old(number: number, overrides: Parameters<typeof payment>[1]) {
  const event = payment(number, overrides)
  const time = new Instant(Date.now() - 120 * minutes)
  const id = eventId({ time, connection: 'dingtalk-main', type: event.type, document: event.key, version: 'agree' })
  return { ...event, id, time }
}

/** Another process has the file's write lock, as a backup tool might: commits wait for it. */
async function holdFile(file: string, ms: number): Promise<void> {
  const script = `const { DatabaseSync } = require('node:sqlite'); const file = new DatabaseSync(${JSON.stringify(file)})
    file.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE'); console.log('held'); setTimeout(() => file.exec('ROLLBACK'), ${ms})`
  const child = spawn(process.execPath, ['--no-warnings', '-e', script])
  await once(child.stdout, 'data')
}

/** What is done to a hub, by the alert that has to follow from it. Those of one hub, in this order. */
const faults: readonly (readonly [alert: string, commit: (rig: Rig) => Promise<void>])[] = [
  ['ShuniuParked', (rig) => append(rig, old(2, { amount: new Decimal('1') }))],
  ['ShuniuUnpostedTooOld', async () => undefined],
  [
    'ShuniuDocumentsDiffer',
    async (rig) => {
      const made = await act<{ id: string; number: string }>(rig.dingtalk.url, 'approved-payment', { push: false })
      await post(rig.hub, sealed(finished(made)))
      await post(rig.hub, sealed(finished(made, { result: 'refuse' })))
      await expect.poll(() => receipts(rig), patience).toContain('parked conflict')
    },
  ],
  [
    'ShuniuInDoubt',
    async (rig) => {
      await fault(rig.kingdee.url, { on: 'voucher.save', fault: 'reset-before' })
      await fault(rig.kingdee.url, { on: 'voucher.find', fault: 'empty-query', times: 1000 })
      await append(rig, payment(3))
    },
  ],
  [
    'ShuniuConservationGap',
    async ({ hub }) => void (await hub.parts.store.commit([{ count: 'receipts.accepted', by: 1 }])),
  ],
  ['ShuniuResync', ({ hub }) => hub.parts.ground.openResync()],
  [
    'ShuniuCommitsSlow',
    async ({ hub, data }) => {
      for (let turn = 0; turn < 4; turn++) {
        await holdFile(join(data, 'shuniu.db'), 800)
        await hub.parts.store.commit([{ upsert: 'meta', row: { name: 'probe', value: `${turn}` } }])
      }
    },
  ],
  [
    'ShuniuLoopBlocked',
    async () => {
      for (let turn = 0; turn < 3; turn++) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800)
        await pause(1_200)
      }
    },
  ],
  [
    'ShuniuBreakerOpen',
    async ({ hub, kingdee }) => {
      const connection = hub.parts.connections.get('kingdee-main')
      await fault(kingdee.url, { on: '*', fault: 'reset-before', times: 1000 })
      // A rate is seen between two scrapes: the first failure alone begins the series.
      await connection?.definition.check(connection.link).catch(() => undefined)
      await pause(2_500)
      for (let calls = 0; connection?.outbound.state().breaker === 'closed' && calls < 200; calls++)
        await connection.definition.check(connection.link).catch(() => undefined)
    },
  ],
  ['ShuniuVendorFailing', async () => undefined],
  [
    'ShuniuConsumerLag',
    async (rig) => {
      await rig.hub.parts.orchestrator.close()
      await append(rig, ...Array.from({ length: 10_001 }, (_, at) => payment(10_000 + at)))
    },
  ],
]

/** What a hub finds at its start: the calls of the month are used up, and a receipt has waited long. */
async function prepareSecond(rig: Rig): Promise<void> {
  const made = await act<{ id: string; number: string }>(rig.dingtalk.url, 'approved-payment', { push: false })
  await fault(rig.dingtalk.url, { on: 'instance.get', fault: 'html-502', times: 1000 })
  await post(rig.hub, sealed(finished(made)))
  const { store } = rig.hub.parts
  const waiting = { update: 'receipts', where: { state: 'received' }, many: true } as const
  await store.commit([{ ...waiting, set: { received_at: Date.now() - 20 * minutes } }])
  const used = rig.hub.parts.connections.get('dingtalk-main')?.outbound.state().usedThisMonth ?? 0
  rig.project.replace('connections/dingtalk-main.yaml', 'perMonth: 10000 ', `perMonth: ${used} `)
  await rig.restart()
}

describe.skipIf(missing !== '')(`alerts that fire for real${withoutPrometheus}`, () => {
  let rig: Rig
  let prometheus: Prometheus
  const fired = async (alert: string): Promise<number> =>
    (await prometheus.query(`max_over_time(ALERTS{alertname="${alert}",alertstate="firing"}[5m])`)).length

  beforeAll(async () => {
    rig = await openRig({
      edit: (project) => project.replace('connections/dingtalk-main.yaml', 'perMonth: 0 ', 'perMonth: 10000 '),
    })
    prometheus = await startPrometheus(impatient)
    prometheus.aim(rig.hub.url)
  })
  afterAll(async () => {
    await prometheus.close()
    await rig.close()
  })

  test('none fires while all is well', async () => {
    await append(rig, payment(1))
    await expect.poll(async () => (await prometheus.query('up == 1')).length, patience).toBe(1)
    await expect
      .poll(async () => (await prometheus.query('shuniu_effects_total > 0')).length, patience)
      .toBeGreaterThan(0)
    expect(await prometheus.query('ALERTS')).toEqual([])
  })

  test.for(faults)('%s', async ([alert, commit]) => {
    await commit(rig)
    await expect.poll(() => fired(alert), { ...patience, message: alert }).toBeGreaterThan(0)
  })

  test.for(['ShuniuQuotaLow', 'ShuniuQuotaWillNotLast', 'ShuniuSourceBehind'])('%s, after a start', async (alert) => {
    if ((await fired('ShuniuQuotaLow')) === 0) {
      await prepareSecond(rig)
      prometheus.aim(rig.hub.url)
    }
    await expect.poll(() => fired(alert), { ...patience, message: alert }).toBeGreaterThan(0)
  })

  test('ShuniuDown, when the hub is gone; and with it every alert of the file has fired', async () => {
    await rig.hub.close()
    await expect.poll(() => fired('ShuniuDown'), patience).toBeGreaterThan(0)
    const all = await prometheus.query('count by (alertname) (max_over_time(ALERTS{alertstate="firing"}[15m]))')
    expect(all.map(({ labels }) => labels['alertname']).toSorted()).toEqual(names.toSorted())
  })
})
