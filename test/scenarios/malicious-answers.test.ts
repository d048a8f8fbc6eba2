import { createServer } from 'node:http'
import { describe, expect, test, vi, type TestContext } from 'vitest'
import { append, act } from './append.ts'
import { api, parked } from './api.ts'
import { payment } from './events.ts'
import { startGarbler, type Garbage, type Garbler } from './garbler.ts'
import { openSystems, startOn, type Rig, type Systems } from './rig.ts'
import { asked, live, patience, receipts, runs } from './seen.ts'

vi.setConfig({ testTimeout: 60_000, maxConcurrency: 6 })

const save = 'DynamicFormService.Save'
const find = 'ExecuteBillQuery'
const detail = '/v1.0/workflow/processInstances?'

type Garbled = Pick<Rig, 'hub' | 'kingdee' | 'dingtalk'> & {
  readonly kingdeeDoor: Garbler
  readonly dingtalkDoor: Garbler
}

/** A hub that reaches both systems through somebody who spoils answers. */
async function garbled({ onTestFinished }: TestContext): Promise<Garbled> {
  const systems: Systems = await openSystems()
  const [kingdeeDoor, dingtalkDoor] = [
    await startGarbler(systems.kingdee.url),
    await startGarbler(systems.dingtalk.url),
  ]
  const environment = { DINGTALK_URL: dingtalkDoor.url, KINGDEE_URL: kingdeeDoor.url }
  const hub = await startOn({ ...systems, environment })
  onTestFinished(async () => {
    await hub.close()
    kingdeeDoor.close()
    dingtalkDoor.close()
    await systems.close()
  })
  return { ...systems, hub, kingdeeDoor, dingtalkDoor }
}

const text =
  (body: string, status = 200, headers: Record<string, string | string[]> = {}): Garbage =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)

const endless: Garbage = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  const more = (): void => {
    while (!response.destroyed && response.write(' '.repeat(65_536)));
  }
  response.on('drain', more)
  more()
}

const login = '<html><head><title>登录</title></head><body><form action="/login"></form></body></html>'
const polluting = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'

/** Nonsense of every kind, for an answer that was to be read. */
const nonsense: readonly (readonly [string, Garbage])[] = [
  ['E01 an endless body', endless],
  ['E02 a depth of 100,000', text('['.repeat(100_000) + ']'.repeat(100_000))],
  ['E03 keys that reach for prototypes', text(polluting)],
  ['E06 a redirect to another host', text('', 302, { location: 'http://169.254.169.254/latest/meta-data/' })],
  ['E07 a page to log in, with status 200', text(login, 200, { 'content-type': 'text/html' })],
  ['E07 nothing at all, with status 200', text('')],
  [
    'E09 a head that never ends',
    (response) => void response.writeHead(200, { 'set-cookie': Array(2_000).fill(`a=${'b'.repeat(100)}`) }).end('{}'),
  ],
  [
    'E09 a line break in a header',
    (response) => void response.socket?.end('HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 2\r\n\r\n{}'),
  ],
  [
    'a body cut short',
    (response) => void response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"Result":{"Respo'),
  ],
  ['bytes that are no HTTP', (response) => void response.socket?.end('\0\0\0')],
]

describe('a voucher was saved, and the answer is', () => {
  test.concurrent.for(nonsense)('%s: in doubt, looked up, and never sent again', async ([, garbage], context) => {
    const rig = await garbled(context)
    rig.kingdeeDoor.garble(save, garbage)
    await append(rig, payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    const [effect] = await rig.hub.parts.store.select('effects', { kind: 'money' })
    expect(effect).toMatchObject({ state: 'confirmed', sends: 1 })
    expect(effect?.look_ups).toBeGreaterThan(0)
    expect([live(rig).length, (await asked(rig.kingdee, 'voucher.save')).length]).toEqual([1, 1])
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test.concurrent('E03 a success with such keys in it: taken as the data it is', async (context) => {
    const rig = await garbled(context)
    await append(rig, payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    rig.kingdeeDoor.garble(find, text(`[[${polluting}]]`), 2)
    await append(rig, payment(2))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow done'])
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

describe('a document was to be read, and the answer is', () => {
  test.concurrent('nonsense of every kind: it is asked again, and other documents go on', async (context) => {
    const rig = await garbled(context)
    const approve = (seed: number) => act(rig.dingtalk.url, 'approved-payment', { seed, department: '市场部' })
    rig.dingtalkDoor.garble(detail, text(login, 200, { 'content-type': 'text/html' }))
    await approve(1)
    await context.expect.poll(() => receipts(rig), patience).toContain('published')
    for (const [at, garbage] of [
      text('['.repeat(100_000)),
      text('', 302, { location: rig.kingdee.url }),
      text(''),
    ].entries()) {
      rig.dingtalkDoor.garble(detail, garbage)
      await approve(2 + at)
    }
    await context.expect.poll(() => runs(rig), patience).toEqual(Array(4).fill('flow done'))
    expect(live(rig)).toHaveLength(4)
  })

  test.concurrent('E01 an endless body: cut off, and asked again', async (context) => {
    const rig = await garbled(context)
    rig.dingtalkDoor.garble(detail, endless)
    await act(rig.dingtalk.url, 'approved-payment', { seed: 1, department: '市场部' })
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
  })

  test.concurrent('E06 a redirect: not followed, and no credential leaves', async (context) => {
    const heard: string[] = []
    const stranger = createServer((incoming, response) => (heard.push(incoming.url ?? ''), response.end('{}')))
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
    context.onTestFinished(() => void stranger.close())
    const { port } = stranger.address() as { port: number }
    const rig = await garbled(context)
    const location = `http://127.0.0.1:${port}/steal`
    rig.dingtalkDoor.garble('/oauth2/', text('', 302, { location }))
    rig.dingtalkDoor.garble(detail, text('', 307, { location }))
    rig.kingdeeDoor.garble(save, text('', 308, { location }))
    await act(rig.dingtalk.url, 'approved-payment', { seed: 1, department: '市场部' })
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    expect([heard, live(rig).length]).toEqual([[], 1])
  })
})

describe('E10 Retry-After', () => {
  test.concurrent('of thirty years is an hour at most', async (context) => {
    const rig = await garbled(context)
    rig.kingdeeDoor.garble(find, text('', 429, { 'retry-after': '1000000000' }), 99)
    await append(rig, payment(1))
    const next = async () => (await rig.hub.parts.store.select('runs', { state: 'waiting' }))[0]?.next_at ?? 0
    await context.expect.poll(next, patience).toBeGreaterThan(Date.now() + 3_000_000)
    expect(await next()).toBeLessThan(Date.now() + 3_601_000)
  })

  test.concurrent.for(['-5', 'soon', 'NaN'])('of %s says nothing: tried again soon', async (value, context) => {
    const rig = await garbled(context)
    rig.kingdeeDoor.garble(find, text('', 429, { 'retry-after': value }))
    await append(rig, payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
  })
})

test.concurrent('E12 a refusal that repeats our secret and a person: masked wherever it is shown', async (context) => {
  const rig = await garbled(context)
  const [secret, phone, card] = ['7f3c2b9e4d5a40c1a8e6f0b1c2d3e4f5', '13812345678', '110101199003078515']
  const words = `appSecret=${secret} 联系人 ${phone} 身份证 ${card}`
  const refusal = { Result: { ResponseStatus: { IsSuccess: false, MsgCode: 11, Errors: [{ Message: words }] } } }
  rig.kingdeeDoor.garble(save, text(JSON.stringify(refusal)))
  await append(rig, payment(1))
  await context.expect.poll(() => runs(rig), patience).toEqual(['flow parked rejected'])
  const number = payment(1).subject
  const shown = JSON.stringify([
    await parked(rig),
    await api(rig, `trace/${number}`),
    await api(rig, 'runs'),
    await api(rig, 'effects'),
  ])
  const kept = JSON.stringify(await rig.hub.parts.store.select('runs', {}))
  expect(shown).toContain('appSecret')
  for (const said of [secret, phone, card]) expect(shown).not.toContain(said)
  expect(kept).not.toContain(secret)
})
