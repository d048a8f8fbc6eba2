import { expect, test } from 'vitest'
import agreed from '../facts/event-http-bpms-instance-finish-agree.json' with { type: 'json' }
import failed from '../facts/api-callback-failed-result.json' with { type: 'json' }
import refused from '../facts/event-http-bpms-instance-finish-refuse.json' with { type: 'json' }
import started from '../facts/event-http-bpms-instance-start.json' with { type: 'json' }
import taskDone from '../facts/event-http-bpms-task-finish-agree.json' with { type: 'json' }
import taskStarted from '../facts/event-http-bpms-task-start.json' with { type: 'json' }
import terminated from '../facts/event-http-bpms-instance-terminate.json' with { type: 'json' }
import { drive } from './driver.ts'
import type { Driver } from './driver.ts'
import { openReceiver } from './receiver.ts'
import type { Answering } from './receiver.ts'

/** A busy machine may take its time. */
const patient = { timeout: 10_000 }

const keys = (of: object): string[] => Object.keys(of).toSorted()
const form = { form: '付款申请', fields: {} }
const quick = { redeliver: '1,1', 'failed-after': '0' }
const failedList = async (sim: Driver) =>
  (await sim.call('GET', '/call_back/get_call_back_failed_result')).body as {
    failed_list: Record<string, unknown>[]
    has_more: boolean
  }

test('every change of an instance is pushed with exactly the keys of the samples', async () => {
  await using receiver = await openReceiver()
  await using sim = await drive({ options: { callback: receiver.url } })
  const first = await sim.act('submit', form)
  const start = await receiver.next()
  expect(keys(start)).toEqual(keys(started))
  expect(start).toMatchObject({ EventType: 'bpms_instance_change', type: 'start', processInstanceId: first.id })
  await sim.act('agree', { id: first.id })
  const finish = await receiver.next()
  expect(keys(finish)).toEqual(keys(agreed))
  expect(finish).toMatchObject({ type: 'finish', result: 'agree', businessId: first.number, CorpId: agreed.CorpId })
  const second = await sim.act('submit', form)
  await receiver.next()
  await sim.act('refuse', { id: second.id })
  expect(keys(await receiver.next())).toEqual(keys(refused))
  const third = await sim.act('submit', form)
  await receiver.next()
  await sim.act('withdraw', { id: third.id })
  const end = await receiver.next()
  expect(keys(end)).toEqual(keys(terminated))
  expect(end).toMatchObject({ type: 'terminate', processInstanceId: third.id })
})

test('task events come when they are ticked, and only what is ticked', async () => {
  await using receiver = await openReceiver()
  const events = 'bpms_task_change,bpms_instance_change/finish'
  await using sim = await drive({ options: { callback: receiver.url, events } })
  const { id } = await sim.act('submit', form)
  expect(keys(await receiver.next())).toEqual(keys(taskStarted))
  await sim.act('agree', { id, remark: '同意' })
  const others = await Promise.all([receiver.next(), receiver.next(), receiver.next(), receiver.next()])
  const done = others.find(({ EventType, type }) => EventType === 'bpms_task_change' && type === 'finish')
  expect(keys(done ?? {})).toEqual(keys(taskDone))
  expect(others.map(({ EventType, type }) => `${EventType}/${type}`).toSorted()).toEqual([
    'bpms_instance_change/finish',
    'bpms_task_change/finish',
    'bpms_task_change/finish',
    'bpms_task_change/start',
  ])
  const { body } = sim.running.book.get(id) ?? {}
  expect(body).toMatchObject({ events: expect.arrayContaining([expect.objectContaining({ eventId: done?.eventId })]) })
})

test('an address is checked before it is saved, and kept over a restart', async () => {
  await using receiver = await openReceiver()
  const first = await drive()
  const save = () => first.control('POST', '/_sim/acts/set-callback', { url: receiver.url })
  receiver.answering = 'plain'
  expect(await save()).toMatchObject({ status: 409, body: { error: expect.stringContaining('check_url') } })
  expect(await receiver.next()).toEqual({ EventType: 'check_url' })
  receiver.answering = 'success'
  expect(await save()).toMatchObject({ status: 200 })
  expect(await receiver.next()).toEqual({ EventType: 'check_url' })
  await using sim = await first.restart()
  await sim.act('submit', form)
  expect(await receiver.next()).toMatchObject({ type: 'start' })
})

test.each<Answering>(['plain', 'other-text', 'wrong-signature', 'status-500', 'redirect'])(
  'an event answered with %s is sent again with the same id until it is taken',
  async (answering) => {
    await using receiver = await openReceiver()
    await using sim = await drive({ options: { ...quick, callback: receiver.url } })
    receiver.answering = answering
    await sim.act('submit', form)
    const { eventId } = await receiver.next()
    receiver.answering = 'success'
    expect((await receiver.next()).eventId).toBe(eventId)
    expect(await failedList(sim)).toMatchObject({ failed_list: [] })
  },
)

test('after the second repeat an event is given up; the failed list gives it once, also after a restart', async () => {
  await using receiver = await openReceiver()
  const first = await drive({ options: { ...quick, callback: receiver.url, events: 'bpms_instance_change/finish' } })
  receiver.answering = 'status-500'
  const { id, number } = await first.act('approved-payment')
  for (const _ of [1, 2, 3]) await receiver.next()
  await expect.poll(() => first.running.book.notes().filter((note) => 'givenUp' in note), patient).toHaveLength(1)
  expect(receiver.arrived).toBe(3)
  await using sim = await first.restart()
  const { failed_list, has_more } = await failedList(sim)
  expect(has_more).toBe(false)
  const [, sample] = failed.response.body.failed_list
  const [item] = failed_list
  expect(keys(item ?? {})).toEqual(keys(sample ?? {}))
  expect(item).toMatchObject({
    call_back_tag: 'bpms_instance_change',
    bpms_instance_change: {
      bpmsCallBackData: { processInstanceId: id, businessId: number, type: 'finish', result: 'agree' },
    },
  })
  expect(await failedList(sim)).toMatchObject({ failed_list: [], has_more: false })
})

test('a given-up event is not in the failed list at once, and 200 at most come in one call', async () => {
  const skew = { ms: 0 }
  const now = () => Date.now() + skew.ms
  await using sim = await drive({ now, options: { redeliver: '', events: 'bpms_instance_change/start' } })
  await Promise.all(Array.from({ length: 201 }, () => sim.act('submit', form)))
  await expect.poll(() => sim.running.book.notes().filter((note) => 'givenUp' in note), patient).toHaveLength(201)
  expect(await failedList(sim)).toMatchObject({ failed_list: [], has_more: false })
  skew.ms = 181_000
  const [first, second] = [await failedList(sim), await failedList(sim)]
  expect([first.failed_list.length, first.has_more]).toEqual([200, true])
  expect([second.failed_list.length, second.has_more]).toEqual([1, false])
})

test('an event without an answer in time counts as not taken', async () => {
  await using receiver = await openReceiver()
  await using sim = await drive({
    options: { ...quick, redeliver: '', 'ack-within': '3000,0', callback: receiver.url },
  })
  await sim.act('submit', form)
  await expect.poll(async () => (await failedList(sim)).failed_list, patient).toHaveLength(1)
})

test('pushes are doubled, lost and reordered when a fault says so', async () => {
  await using receiver = await openReceiver()
  await using sim = await drive({ options: { callback: receiver.url, events: 'bpms_instance_change/start' } })
  const put = (fault: string) => sim.control('POST', '/_sim/faults', { on: 'push', fault, times: 1 })
  const submit = async () => (await sim.act('submit', form)).id
  await put('duplicate-push')
  const doubled = await submit()
  const [one, other] = [await receiver.next(), await receiver.next()]
  expect(one).toMatchObject({ processInstanceId: doubled, eventId: other.eventId })
  await put('lost-push')
  await submit()
  await put('reordered-push')
  const [held, passing] = [await submit(), await submit()]
  expect([await receiver.next(), await receiver.next()]).toMatchObject([
    { processInstanceId: passing },
    { processInstanceId: held },
  ])
  expect(receiver.arrived).toBe(4)
})

test('above the monthly quota of pushes events stop silently', async () => {
  await using receiver = await openReceiver()
  await using sim = await drive({ options: { ...quick, callback: receiver.url, 'push-quota': '1' } })
  const { id } = await sim.act('submit', form)
  await sim.act('agree', { id })
  expect(await receiver.next()).toMatchObject({ type: 'start' })
  expect(await failedList(sim)).toMatchObject({ failed_list: [] })
  expect(receiver.arrived).toBe(1)
})
