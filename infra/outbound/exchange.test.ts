import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { realClock, SimulatedClock } from '../time/index.ts'
import { Exchange, type Ending } from './exchange.ts'
import { listen, reply, type Behaviour, type Peer, type PeerOptions } from './fixtures/loopback.ts'
import {
  CallFailure,
  openOutbound,
  type HttpAnswer,
  type HttpCall,
  type Outbound,
  type OutboundOptions,
  type Resolve,
} from './index.ts'

async function peerThat(behave: Behaviour, options?: PeerOptions): Promise<Peer> {
  const peer = await listen(behave, options)
  onTestFinished(() => peer.close())
  return peer
}

function wayTo(origin: string, more: Partial<OutboundOptions> = {}): Outbound {
  return openOutbound({
    allow: [{ origin, privateAddress: false }],
    limits: { concurrency: 4, perSecond: 0, perMonth: 0 },
    clock: realClock,
    ...more,
  })
}

function callOf(url: string, more: Partial<HttpCall> = {}): HttpCall {
  return { operation: 'voucher.save', method: 'POST', url, body: '{}', timeout: 10_000, changes: true, ...more }
}

async function failureOf(call: Promise<HttpAnswer>): Promise<CallFailure> {
  try {
    await call
  } catch (failure) {
    if (failure instanceof CallFailure) return failure
    throw failure
  }
  throw new Error('the call succeeded')
}

/** The pool takes a connection for the next call one turn of the event loop after the last. */
function freed(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Class for a call that changes something, class for a read, and the code. */
async function verdict(make: (more: Partial<HttpCall>) => Promise<HttpAnswer>): Promise<string> {
  const change = await failureOf(make({ changes: true }))
  const read = await failureOf(make({ changes: false }))
  expect(read.code).toBe(change.code)
  return `${change.failureClass} ${read.failureClass} ${change.code}`
}

describe('an exchange', () => {
  it('returns an answer of any status with headers, bytes and text', async () => {
    const peer = await peerThat((socket) => socket.write(reply(422, '{"错误":"期间已关闭"}', ['x-request-id: 7'])))
    const answer = await wayTo(peer.origin).call(callOf(`${peer.origin}/save`))
    expect(answer.status).toBe(422)
    expect(answer.headers['x-request-id']).toBe('7')
    expect(answer.text).toBe('{"错误":"期间已关闭"}')
    expect(Buffer.from(answer.body).toString()).toBe(answer.text)
  })

  it('writes exactly what the call says, and asks for no compression', async () => {
    const peer = await peerThat((socket) => socket.write(reply(200)))
    await wayTo(peer.origin).call(callOf(`${peer.origin}/a/b?q=%E4%BB%98`, { headers: { 'X-Key': 'k' }, body: '付款' }))
    const host = peer.origin.slice('http://'.length)
    expect(Buffer.from(peer.requests[0] ?? '', 'latin1').toString()).toBe(
      `POST /a/b?q=%E4%BB%98 HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\nX-Key: k\r\ncontent-length: 6\r\n\r\n付款`,
    )
  })

  it('reads broken UTF-8 as replacement characters instead of failing', async () => {
    const peer = await peerThat((socket) => {
      socket.write('HTTP/1.1 200 X\r\ncontent-length: 4\r\n\r\n')
      socket.write(Uint8Array.of(0x22, 0xbd, 0xf0, 0x22))
    })
    const answer = await wayTo(peer.origin).call(callOf(peer.origin))
    expect(answer.text).toBe('"\ufffd\ufffd"')
    expect(answer.body).toHaveLength(4)
  })

  it('puts an answer together that comes in pieces and after an early hint', async () => {
    const peer = await peerThat((socket) => {
      socket.write(
        'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n',
      )
      setImmediate(() => socket.write('3\r\ncde\r\n0\r\n\r\n'))
    })
    const answer = await wayTo(peer.origin).call(callOf(peer.origin))
    expect([answer.status, answer.text]).toEqual([200, 'abcde'])
  })

  it('sends calls one after the other over the same connection', async () => {
    const peer = await peerThat((socket) => socket.write(reply(200)))
    const out = wayTo(peer.origin)
    for (let count = 0; count < 5; count++) {
      await out.call(callOf(peer.origin))
      await freed()
    }
    expect([peer.requests.length, peer.connections]).toEqual([5, 1])
  })

  it('takes a new connection when the peer closed the idle one', async () => {
    const peer = await peerThat((socket) => socket.end(reply(200)))
    const out = wayTo(peer.origin)
    for (let count = 0; count < 3; count++) expect((await out.call(callOf(peer.origin))).status).toBe(200)
    expect(peer.connections).toBe(3)
  })

  it('tells the observer operation, class and status', async () => {
    const peer = await peerThat((socket, _, count) => (count === 1 ? socket.write(reply(503)) : socket.destroy()))
    const seen: unknown[] = []
    const out = wayTo(peer.origin, { observe: ({ ms, ...rest }) => seen.push({ ...rest, ms: ms >= 0 }) })
    await out.call(callOf(peer.origin))
    await failureOf(out.call(callOf(peer.origin)))
    expect(seen).toEqual([
      { operation: 'voucher.save', class: 'ok', status: 503, ms: true },
      { operation: 'voucher.save', class: 'ambiguous', status: 0, ms: true },
    ])
  })
})

describe('a failed exchange', () => {
  it('is transient when nobody listens', async () => {
    const peer = await listen(() => undefined)
    await peer.close()
    const out = wayTo(peer.origin)
    expect(await verdict((more) => out.call(callOf(peer.origin, more)))).toBe('transient transient http.refused')
  })

  it('is transient when the name is not found', async () => {
    const resolve = vi.fn<Resolve>().mockRejectedValue(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
    const out = wayTo('http://erp.example', { resolve })
    expect(await verdict((more) => out.call(callOf('http://erp.example/', more)))).toBe(
      'transient transient http.unresolved',
    )
  })

  it('is in doubt when the peer resets after the request, and the request is not repeated', async () => {
    const peer = await peerThat((socket) => socket.resetAndDestroy())
    const out = wayTo(peer.origin)
    expect(await verdict((more) => out.call(callOf(peer.origin, more)))).toBe('ambiguous transient http.reset')
    expect(peer.requests).toHaveLength(2)
  })

  it('is in doubt when a reused connection breaks, whatever the method, and is not repeated', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'GET'] as const) {
      const peer = await peerThat((socket, _, count) => (count === 1 ? socket.write(reply(200)) : socket.destroy()))
      const out = wayTo(peer.origin)
      await out.call(callOf(peer.origin))
      await freed()
      const failure = await failureOf(out.call(callOf(peer.origin, { method })))
      expect([method, failure.failureClass, failure.code]).toEqual([method, 'ambiguous', 'http.reset'])
      expect([peer.requests.length, peer.connections]).toEqual([2, 1])
    }
  })

  it('is in doubt when the answer is cut', async () => {
    const peer = await peerThat((socket) => socket.end('HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n{"Result":'))
    const out = wayTo(peer.origin)
    expect(await verdict((more) => out.call(callOf(peer.origin, more)))).toBe('ambiguous transient http.reset')
  })

  it('is in doubt when the answer is no HTTP', async () => {
    const peer = await peerThat((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))
    const out = wayTo(peer.origin)
    expect(await verdict((more) => out.call(callOf(peer.origin, more)))).toBe('ambiguous transient http.reset')
  })

  it('is in doubt when no answer comes in time', async () => {
    const peer = await peerThat(() => undefined)
    const clock = new SimulatedClock(0)
    const out = wayTo(peer.origin, { clock })
    const hangs = async (more: Partial<HttpCall>): Promise<HttpAnswer> => {
      const before = peer.requests.length
      const answer = out.call(callOf(peer.origin, { ...more, timeout: 60_000 }))
      answer.catch(() => undefined)
      await peer.came(before + 1)
      await clock.advance(60_000)
      return answer
    }
    expect(await verdict(hangs)).toBe('ambiguous transient http.timeout')
  })

  it('counts the time-out over the whole answer, also while it drips', async () => {
    const clock = new SimulatedClock(0)
    const peer = await peerThat((socket) => socket.write('HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n{'))
    const answer = wayTo(peer.origin, { clock }).call(callOf(peer.origin, { timeout: 1_000 }))
    answer.catch(() => undefined)
    await peer.came(1)
    await clock.advance(999)
    await clock.advance(1)
    expect((await failureOf(answer)).code).toBe('http.timeout')
  })

  it('is transient when the peer takes the connection but no handshake, after the time to connect', async () => {
    const peer = await peerThat(() => undefined)
    const origin = peer.origin.replace('http:', 'https:')
    const failure = await failureOf(wayTo(origin, { connectTimeout: 50 }).call(callOf(origin)))
    expect([failure.failureClass, failure.code]).toEqual(['transient', 'http.connect-timeout'])
  })

  it('names the origin but neither path nor query, where tokens are', async () => {
    const peer = await peerThat((socket) => socket.destroy())
    const failure = await failureOf(wayTo(peer.origin).call(callOf(`${peer.origin}/p?access_token=geheim`)))
    expect(failure.message).toContain(peer.origin)
    expect(failure.message).not.toMatch(/geheim|\/p/)
  })

  it('E01: an endless answer is cut at the limit, in doubt if it was a send', async () => {
    const peer = await peerThat((socket) => {
      socket.write('HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n')
      const pour = (): boolean | undefined =>
        socket.destroyed ? undefined : socket.write(`10000\r\n${'x'.repeat(0x10000)}\r\n`, () => setImmediate(pour))
      pour()
    })
    const out = wayTo(peer.origin)
    const endless = (more: Partial<HttpCall>): Promise<HttpAnswer> =>
      out.call(callOf(peer.origin, { ...more, maxBytes: 100_000 }))
    expect(await verdict(endless)).toBe('ambiguous transient http.too-large')
  })

  it('E01: an answer that announces more than the limit is not read', async () => {
    const peer = await peerThat((socket) => socket.write('HTTP/1.1 200 X\r\ncontent-length: 999999999999\r\n\r\n'))
    const failure = await failureOf(wayTo(peer.origin).call(callOf(peer.origin)))
    expect([failure.failureClass, failure.code]).toEqual(['ambiguous', 'http.too-large'])
  })

  it('E06, J07: a redirect is an answer and is not followed, so no key travels on', async () => {
    const elsewhere = await peerThat((socket) => socket.write(reply(200)))
    for (const status of [301, 302, 303, 307, 308]) {
      const peer = await peerThat((socket) => socket.write(reply(status, '', [`location: ${elsewhere.origin}/meta`])))
      const answer = await wayTo(peer.origin).call(callOf(peer.origin, { headers: { 'x-api-key': 'k' } }))
      expect([answer.status, answer.headers['location']]).toEqual([status, `${elsewhere.origin}/meta`])
      expect(peer.requests).toHaveLength(1)
    }
    expect(elsewhere.connections).toBe(0)
  })

  it('E07: a login page with status 200 is handed over as it is, for the connector to refuse', async () => {
    const peer = await peerThat((socket) => socket.write(reply(200, '<html>Login</html>', ['content-type: text/html'])))
    const answer = await wayTo(peer.origin).call(callOf(peer.origin))
    expect([answer.headers['content-type'], answer.text]).toEqual(['text/html', '<html>Login</html>'])
  })

  it('E09: cookies are not kept, and a bomb of them is refused', async () => {
    const peer = await peerThat((socket, _, count) => {
      const bomb = Array.from({ length: 400 }, (_unused, index) => `set-cookie: c${index}=${'x'.repeat(60)}`)
      socket.write(reply(200, '', count === 1 ? ['set-cookie: a=1', 'set-cookie: b=2'] : bomb))
    })
    const out = wayTo(peer.origin)
    expect((await out.call(callOf(peer.origin))).headers['set-cookie']).toEqual(['a=1', 'b=2'])
    expect((await failureOf(out.call(callOf(peer.origin)))).code).toBe('http.too-large')
    expect(peer.requests.join('')).not.toMatch(/cookie/i)
  })
})

/** A call whose socket opens only when the test lets the name be found. */
async function held(
  late: (clock: SimulatedClock) => Promise<void>,
): Promise<{ peer: Peer; call: Promise<HttpAnswer> }> {
  const peer = await peerThat((socket) => socket.write(reply(200)))
  const clock = new SimulatedClock(1_000_000)
  const found = Promise.withResolvers<string[]>()
  const origin = `http://localhost:${peer.port}`
  const out = wayTo(origin, { clock, resolve: () => found.promise })
  const permit = await out.place('voucher.save')
  const call = out.call(callOf(origin, { permit, sendBy: { uptime: 2_000, wall: 1_002_000 } }))
  call.catch(() => undefined)
  await late(clock)
  found.resolve(['127.0.0.1'])
  return { peer, call }
}

describe('the client below', () => {
  it('is stopped when it starts a call a second time', () => {
    const aborted: string[] = []
    const controller = {
      aborted: false,
      paused: false,
      reason: null,
      pause() {},
      resume() {},
      abort: (why: Error) => aborted.push(why.message),
    }
    const endings: Ending[] = []
    const exchange = new Exchange(callOf('http://erp.example'), 'http://erp.example', new SimulatedClock(0), (ending) =>
      endings.push(ending),
    )
    exchange.onRequestStart(controller)
    exchange.onRequestStart(controller)
    expect(aborted).toEqual(['http.reset'])
    expect(endings).toMatchObject([
      { is: 'failure', started: true, failure: { failureClass: 'ambiguous', code: 'http.reset' } },
    ])
  })
})

describe('sendBy', () => {
  it('lets a call go that waited in the pool but is in time', async () => {
    const { peer, call } = await held((clock) => clock.advance(2_000))
    expect((await call).status).toBe(200)
    expect(peer.requests).toHaveLength(1)
  })

  it('writes nothing when boot time passed while the call waited in the pool', async () => {
    const { peer, call } = await held(async (clock) => {
      await clock.advance(2_001)
      clock.jump(-60_000)
    })
    const failure = await failureOf(call)
    expect([failure.failureClass, failure.code]).toEqual(['transient', 'http.late'])
    expect([peer.bytes, peer.connections]).toEqual([0, 1])
  })

  it('writes nothing when only the wall clock passed, as after a restart of the machine', async () => {
    const { peer, call } = await held(async (clock) => clock.jump(2_001))
    expect((await failureOf(call)).code).toBe('http.late')
    expect(peer.bytes).toBe(0)
  })

  it('writes nothing on a connection that is open already', async () => {
    const peer = await peerThat((socket) => socket.write(reply(200)))
    const out = wayTo(peer.origin)
    await out.call(callOf(peer.origin))
    await freed()
    const bytes = peer.bytes
    const sendBy = { uptime: realClock.uptime() - 100, wall: Infinity }
    expect((await failureOf(out.call(callOf(peer.origin, { sendBy })))).code).toBe('http.late')
    await out.call(callOf(peer.origin))
    expect(peer.bytes).toBe(2 * bytes)
  })
})
