import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { Day } from '@shuniu/contracts'
import { realClock, seededRandom } from '@shuniu/infra/time'
import type { Handed, Reading, Sink } from '@shuniu/sdk'
import { startSimulator } from '@shuniu/sdk/simulator'
import { expect, test } from 'vitest'
import { approval } from './approvals.ts'
import { callback } from './callback.ts'
import { readForm } from './discover.ts'
import { handedOf } from './events.ts'
import { openSession, type Session } from './session.ts'
import { settings } from './settings.ts'
import { simulator } from './simulator/main.ts'
import { stream } from './stream.ts'
import { undelivered } from './undelivered.ts'
import { expense, expenseForm, fact, openGround } from './test-ground.ts'

const application = {
  clientId: 'dinga1b2c3d4e5f6g7h8',
  clientSecret: 'MADE-UP-client-secret',
  corpId: 'ding7f3c9a1e5b2d4c6835c2f4657eb6378f',
}
const keys = { token: 'Hub2024TokenAbc', aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' }

/** The whole simulator, on its own book. */
async function openSimulated(options: Readonly<Record<string, string>> = {}) {
  const data = await mkdtemp(join(tmpdir(), 'dingtalk-client-'))
  const running = await startSimulator(simulator, { data, options })
  const act = async (name: string, input: object): Promise<{ id: string }> => {
    const answer = await fetch(`${running.url}/_sim/acts/${name}`, { method: 'POST', body: JSON.stringify(input) })
    if (!answer.ok) throw new Error(await answer.text())
    return (await answer.json()) as { id: string }
  }
  const chosen = settings.parse({ address: running.url, ...application, callback: keys })
  return {
    chosen,
    act,
    session: openSession(chosen, openGround(running.url)),
    async [Symbol.asyncDispose]() {
      await running.close()
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** What arrives over a running stream. The first `refused` hand-overs are rejected. */
function listen(session: Session, refused = 0) {
  const arrived: Handed[] = []
  const stopping = new AbortController()
  const { promise: connected, resolve } = Promise.withResolvers<void>()
  const waiting: (() => void)[] = []
  let calls = 0
  const sink: Sink = {
    async hand(handed) {
      if (++calls <= refused) throw new Error('full')
      arrived.push(...handed)
      waiting.splice(0).forEach((wake) => wake())
    },
    connected: () => resolve(),
    disconnected: () => undefined,
  }
  const running = stream.run(session, sink, stopping.signal)
  return {
    connected,
    calls: () => calls,
    async next(): Promise<Handed> {
      for (;;) {
        const handed = arrived.shift()
        if (handed) return handed
        await new Promise<void>((wake) => waiting.push(wake))
      }
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}

function documentOf(reading: Reading) {
  if (reading.is !== 'document') throw new Error(`${reading.is}: ${reading.because}`)
  return reading.document
}

const payment = {
  lines: [
    { category: '差旅费', amount: '2460.00', memo: '机票' },
    { category: '办公费', amount: '40.50', memo: '纸' },
  ],
  amount: '2500.50',
  department: '市场部',
  payee: '南方航空',
}

test('an agreed payment comes over the stream and is read with everything a voucher needs', async () => {
  await using dingtalk = await openSimulated()
  await using line = listen(dingtalk.session)
  await line.connected
  const { id } = await dingtalk.act('approved-payment', payment)
  const events = [await line.next(), await line.next()]
  const readings = await Promise.all(events.map((handed) => approval.read(dingtalk.session, handed, {})))
  expect(readings.map(({ is }) => is).toSorted()).toEqual(['document', 'skipped'])
  const reading = readings.find(({ is }) => is === 'document')
  if (!reading) throw new Error('no document')
  const document = documentOf(reading)
  expect(document).toMatchObject({ id, root: id, kind: 'new' })
  expect(JSON.parse(JSON.stringify(document.values))).toMatchObject({
    result: 'agree',
    originator: { name: expect.stringMatching(/\p{Script=Han}/u) },
    fields: {
      '付款总额（元）': '2500.50',
      收款方: '南方航空',
      费用承担部门: [{ id: '587120341', name: '市场部' }],
      费用明细: [
        { 费用类型: '差旅费', 摘要: '机票', '金额（元）': '2460.00' },
        { 费用类型: '办公费', 摘要: '纸', '金额（元）': '40.50' },
      ],
    },
  })
})

test('what the hub could not take is delivered again', async () => {
  await using dingtalk = await openSimulated({ events: 'bpms_instance_change/finish', redeliver: '20,20' })
  await using line = listen(dingtalk.session, 1)
  await line.connected
  const { id } = await dingtalk.act('approved-payment', payment)
  expect((await line.next()).subject).toBe(id)
  expect(line.calls()).toBe(2)
})

test('connections that expire are replaced, and nothing is missed', async () => {
  const redeliver = Array.from({ length: 50 }, () => '100').join(',')
  await using dingtalk = await openSimulated({ events: 'bpms_instance_change/finish', silence: '100', redeliver })
  await using line = listen(dingtalk.session)
  await line.connected
  const made: string[] = []
  const seen: string[] = []
  for (let turn = 0; turn < 3; turn++) {
    await dingtalk.act('disconnect', {})
    made.push((await dingtalk.act('approved-payment', payment)).id)
    seen.push((await line.next()).subject)
  }
  expect(seen).toEqual(made)
})

test('the HTTP push passes the check of the console, and its answers are taken as received', async () => {
  await using dingtalk = await openSimulated({ events: 'bpms_instance_change/finish', redeliver: '20,20' })
  const receive = callback.open(dingtalk.chosen, { clock: realClock, random: seededRandom(2), connection: 'x' })
  const handed: Handed[] = []
  const server = createServer(async (request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://hub')
    const query = Object.fromEntries(searchParams)
    const { method = '', headers } = request
    const verdict = receive?.({ method, query, headers, body: await buffer(request) })
    if (verdict?.is !== 'accepted') return response.writeHead(verdict?.status ?? 404).end()
    handed.push(...verdict.handed)
    const answer = verdict.answer()
    return response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = (server.address() as AddressInfo).port
  await dingtalk.act('set-callback', { url: `http://127.0.0.1:${port}/hooks/dingtalk-main/callback`, ...keys })
  expect(handed).toEqual([])
  const first = await dingtalk.act('approved-payment', payment)
  const second = await dingtalk.act('approved-payment', payment)
  await expect.poll(() => handed.map(({ subject }) => subject).toSorted()).toEqual([first.id, second.id].toSorted())
  server.closeAllConnections()
  server.close()
})

test('approvals whose push was given up are told by the list of failed pushes, once', async () => {
  const nobody = 'http://127.0.0.1:1/hooks/dingtalk-main/callback'
  await using dingtalk = await openSimulated({ callback: nobody, redeliver: '', 'failed-after': '0' })
  const { id } = await dingtalk.act('approved-payment', payment)
  const told: Handed[] = []
  const isTold = async (): Promise<number> => told.push(...(await undelivered(dingtalk.session)).handed)
  await expect.poll(isTold).toBe(1)
  const [handed] = told
  expect(handed).toMatchObject({ key: `sweep:${id}`, subject: id })
  if (handed) expect(documentOf(await approval.read(dingtalk.session, handed, {}))).toMatchObject({ id })
  expect(await undelivered(dingtalk.session)).toEqual({ handed: [], more: false })
})

test('a push refused for its keys is refused by the console check', async () => {
  await using dingtalk = await openSimulated()
  await expect(dingtalk.act('set-callback', { url: 'http://127.0.0.1:1/hooks', ...keys })).rejects.toThrow('check_url')
})

test('the sample push and the sample detail together are the expense of 4326.50', async () => {
  await using dingtalk = await openSimulated()
  const { response } = fact<{ response: { body: { result: object } } }>('api-process-instance-completed')
  await dingtalk.act('load', { processCode: expenseForm, instance: response.body.result })
  const push = handedOf(JSON.stringify(fact('event-http-bpms-instance-finish-agree')))
  const form = await readForm(dingtalk.session, expenseForm)
  const reading = await approval.read(dingtalk.session, push, form ? { [form.id]: form } : {})
  expect(documentOf(reading)).toMatchObject({
    id: expense,
    values: {
      fields: {
        '报销总额（元）': '4326.50',
        '开始时间~结束时间': [Day.parse('2025-12-18'), Day.parse('2025-12-21')],
        备注: null,
      },
    },
  })
})
