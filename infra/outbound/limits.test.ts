import { describe, expect, it, onTestFinished } from 'vitest'
import { SimulatedClock } from '../time/index.ts'
import { listen, reply, type Peer } from './fixtures/loopback.ts'
import {
  CallFailure,
  openOutbound,
  type HttpCall,
  type Outbound,
  type OutboundLimits,
  type OutboundOptions,
} from './index.ts'

const NOVEMBER = Date.UTC(2026, 10, 22)

interface Bed {
  readonly peer: Peer
  readonly clock: SimulatedClock
  readonly out: Outbound
  /** A call that succeeds or fails, as one word. */
  ask(more?: Partial<HttpCall>): Promise<string>
}

/** A peer that answers the requests whose path is not `/hang`, `/500` or `/reset`, and a way to it with these limits. */
async function bed(limits: Partial<OutboundLimits>, more: Partial<OutboundOptions> = {}): Promise<Bed> {
  const peer = await listen((socket, request) => {
    if (request.includes(' /reset ')) socket.destroy()
    else if (!request.includes(' /hang ')) socket.write(reply(request.includes(' /500 ') ? 500 : 200))
  })
  onTestFinished(() => peer.close())
  const clock = new SimulatedClock(NOVEMBER)
  const out = openOutbound({
    allow: [{ origin: peer.origin, privateAddress: false }],
    limits: { concurrency: 2, perSecond: 0, perMonth: 0, ...limits },
    clock,
    ...more,
  })
  const ask = (call: Partial<HttpCall> = {}): Promise<string> =>
    outcome(
      out.call({
        operation: 'x',
        method: 'POST',
        timeout: 60_000,
        changes: true,
        ...call,
        url: peer.origin + (call.url ?? '/'),
      }),
    )
  return { peer, clock, out, ask }
}

function outcome(promise: Promise<{ status?: number }>): Promise<string> {
  return promise.then(
    (answer) => String(answer.status ?? 'placed'),
    (failure: unknown) =>
      failure instanceof CallFailure
        ? `${failure.failureClass} ${failure.code} ${failure.retryAfter ?? '-'}`
        : String(failure),
  )
}

/** Lets promises that are ready run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('concurrency', () => {
  it('bounds the calls under way, first come first served', async () => {
    const { peer, clock, out, ask } = await bed({ concurrency: 2 })
    const done: string[] = []
    const hanging = [ask({ url: '/hang' }), ask({ url: '/hang' })]
    const waiting = ['a', 'b', 'c'].map((name) => ask({ url: `/${name}` }).then(() => done.push(name)))
    await peer.came(2)
    expect(out.state()).toMatchObject({ underWay: 2, waiting: 3 })
    expect(peer.requests).toHaveLength(2)
    await clock.advance(60_000)
    await Promise.all([...hanging, ...waiting])
    expect(peer.requests.slice(2).map((request) => request.split(' ')[1])).toEqual(['/a', '/b', '/c'])
    expect(out.state()).toMatchObject({ underWay: 0, waiting: 0 })
  })

  it('gives places first come first served, and a place back lets the next in', async () => {
    const { out } = await bed({ concurrency: 1 })
    const first = await out.place('x')
    const order: string[] = []
    const others = ['b', 'c'].map((name) => out.place('x').then((permit) => (order.push(name), permit)))
    await turn()
    expect(order).toEqual([])
    first.release()
    first.release()
    ;(await others[0])?.release()
    await others[1]
    expect(order).toEqual(['b', 'c'])
  })

  it('lets who holds the only place read before it sends', async () => {
    const { out, ask } = await bed({ concurrency: 1 })
    const permit = await out.place('x')
    expect(await ask({ changes: false, method: 'GET' })).toBe('200')
    expect(await ask({ permit })).toBe('200')
  })

  it('frees a place when its call has ended, however it ended', async () => {
    const { out, ask } = await bed({ concurrency: 1 })
    for (const url of ['/', '/reset', '/../denied', '/500']) await ask({ url, permit: await out.place('x') })
    expect(await outcome(out.place('x').then(() => ({})))).toBe('placed')
    expect(out.state()).toMatchObject({ underWay: 0, waiting: 0 })
  })

  it('refuses a place that was used, given back, or taken from another connection', async () => {
    const { out, ask } = await bed({})
    const other = await bed({})
    const used = await out.place('x')
    await ask({ permit: used })
    const back = await out.place('x')
    back.release()
    for (const permit of [used, back, await other.out.place('x')])
      expect(await ask({ permit })).toBe('fatal http.invalid -')
  })

  it('stops waiting when the caller does, before or while it waits', async () => {
    const { out } = await bed({ concurrency: 1 })
    const held = await out.place('x')
    const stop = new AbortController()
    const waiting = outcome(out.place('x', stop.signal).then(() => ({})))
    await turn()
    stop.abort()
    expect(await waiting).toBe('transient http.cancelled -')
    expect(await outcome(out.place('x', stop.signal).then(() => ({})))).toBe('transient http.cancelled -')
    held.release()
    expect(out.state().waiting).toBe(0)
    expect(await outcome(out.place('x').then(() => ({})))).toBe('placed')
  })
})

describe('the rate', () => {
  it('lets no more through in any second, and everybody in the end', async () => {
    const { clock, out } = await bed({ perSecond: 5, concurrency: 100 })
    const entered: number[] = []
    const all = Array.from({ length: 23 }, async () => {
      const permit = await out.place('x')
      entered.push(clock.uptime())
      permit.release()
    })
    await clock.advance(300)
    expect(entered).toHaveLength(5)
    await clock.advance(10_000)
    await Promise.all(all)
    const most = entered.map((start) => entered.filter((at) => at >= start && at < start + 1000).length)
    expect(Math.max(...most)).toBe(5)
    // The boot clock ticks every 10 ms, so a second by it may be that much shorter by theirs.
    expect((entered[5] ?? 0) - (entered[0] ?? 0)).toBe(1010)
    expect(entered.at(-1)).toBeLessThan(5_000)
  })

  it('lets nobody overtake at the moment the next may enter', async () => {
    const { clock, out } = await bed({ perSecond: 1 })
    const order: string[] = []
    const enter = async (name: string): Promise<void> => {
      const permit = await out.place('x')
      order.push(name)
      permit.release()
    }
    await enter('first')
    clock.after(1010, () => void enter('late'))
    void enter('waiting')
    await clock.advance(2020)
    expect(order).toEqual(['first', 'waiting', 'late'])
  })

  it('may be less than one a second', async () => {
    const { clock, out } = await bed({ perSecond: 0.5 })
    ;(await out.place('x')).release()
    let entered = false
    const second = out.place('x').then(() => (entered = true))
    await clock.advance(1_900)
    expect(entered).toBe(false)
    await clock.advance(200)
    await second
  })

  it('serves calls and places by turns of arrival, so that polling does not starve sending', async () => {
    const { clock, out, ask } = await bed({ perSecond: 1, concurrency: 100 })
    const order: string[] = []
    const started = ['call', 'place', 'call', 'place'].map(async (what, index) => {
      if (what === 'place') await out.place('x')
      else await ask({ changes: false, url: `/${index}` })
      order.push(`${what}${index}`)
    })
    for (let second = 0; second < 6; second++) await clock.advance(1_010)
    await Promise.all(started)
    expect(order).toEqual(['call0', 'place1', 'call2', 'place3'])
  })
})

describe('the quota', () => {
  it('counts calls, tells the owner each change, and refuses the rest until the month ends in Shanghai', async () => {
    const counts: unknown[] = []
    const { clock, ask } = await bed(
      { perMonth: 3 },
      { usedThisMonth: 1, onUsed: (count, month) => counts.push([count, month]) },
    )
    expect([await ask(), await ask()]).toEqual(['200', '200'])
    const end = Date.UTC(2026, 10, 30, 16)
    expect(await ask()).toBe(`throttled http.quota ${end - NOVEMBER}`)
    clock.jump(end - NOVEMBER - 1)
    expect(await ask()).toBe('throttled http.quota 1')
    clock.jump(1)
    expect(await ask()).toBe('200')
    expect(counts).toEqual([
      [2, '2026-11'],
      [3, '2026-11'],
      [1, '2026-12'],
    ])
  })

  it('does not count calls the vendor does not count, nor what was never sent', async () => {
    const { peer, out, ask } = await bed({ perMonth: 100 })
    await ask({ free: true })
    expect(out.state().usedThisMonth).toBe(0)
    ;(await out.place('x')).release()
    await ask({ sendBy: { uptime: -1, wall: 0 } })
    await ask({ permit: await out.place('x'), sendBy: { uptime: -1, wall: 0 } })
    expect(out.state()).toMatchObject({ usedThisMonth: 0, perMonth: 100 })
    await ask({ url: '/reset' })
    expect(out.state().usedThisMonth).toBe(1)
    expect(peer.requests).toHaveLength(2)
  })
})

describe('the breaker of a connection', () => {
  it('opens after too many failures: places and calls are refused at once, and who waits is sent away', async () => {
    const { peer, clock, out, ask } = await bed({ concurrency: 1 })
    const early = await out.place('x')
    const waiting = outcome(out.place('x').then(() => ({})))
    for (let count = 0; count < 20; count++) await ask({ url: '/500', changes: false })
    expect(await waiting).toBe('transient http.breaker-open 30000')
    expect(await outcome(out.place('x').then(() => ({})))).toBe('transient http.breaker-open 30000')
    expect(await ask({ permit: early })).toBe('transient http.breaker-open 30000')
    expect(await ask({ changes: false })).toBe('transient http.breaker-open 30000')
    expect(out.state()).toMatchObject({ breaker: 'open', openUntil: NOVEMBER + 30_000, usedThisMonth: 20, underWay: 0 })
    expect(peer.requests).toHaveLength(20)
    await clock.advance(30_000)
    expect(out.state().breaker).toBe('half-open')
  })

  it('closes when one read goes well; until then sends wait', async () => {
    const { clock, out, ask } = await bed({ concurrency: 2 })
    for (let count = 0; count < 20; count++) await ask({ url: '/reset', changes: false })
    await clock.advance(30_000)
    expect(await outcome(out.place('x').then(() => ({})))).toBe('transient http.breaker-open 5000')
    const read = ask({ changes: false, url: '/' })
    const second = ask({ changes: false, url: '/' })
    expect([await read, await second]).toEqual(['200', 'transient http.breaker-open 1000'])
    expect(out.state().breaker).toBe('closed')
    expect(await ask({ permit: await out.place('x') })).toBe('200')
  })

  it('lets a send try after a while, when the connection makes no reads', async () => {
    const { clock, out, ask } = await bed({})
    for (let count = 0; count < 20; count++) await ask({ url: '/reset' })
    await clock.advance(35_000)
    const permit = await out.place('x')
    expect(await ask({ permit, url: '/500' })).toBe('500')
    expect(await outcome(out.place('x').then(() => ({})))).toBe('transient http.breaker-open 60000')
  })
})

describe('closing', () => {
  it('lets the call under way end, sends away who waits, and refuses the rest', async () => {
    const { peer, clock, out, ask } = await bed({ concurrency: 1 })
    const permit = await out.place('x')
    const hanging = ask({ url: '/hang' })
    const waiting = ask()
    await peer.came(1)
    const closed = out.close()
    expect(await waiting).toBe('transient http.closed -')
    expect([await ask(), await ask({ permit })]).toEqual(['transient http.closed -', 'transient http.closed -'])
    await clock.advance(60_000)
    expect(await hanging).toBe('ambiguous http.timeout -')
    await closed
  })
})
