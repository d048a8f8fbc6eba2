import { HubError } from '@shuniu/contracts'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { realClock } from '../time/index.ts'
import { kindOf } from './address.ts'
import { listen, reply, type Peer } from './fixtures/loopback.ts'
import { CallFailure, openOutbound, type AllowedAddress, type Outbound, type Resolve } from './index.ts'

function wayTo(allow: readonly (string | AllowedAddress)[], resolve?: Resolve): Outbound {
  return openOutbound({
    allow: allow.map((one) => (typeof one === 'string' ? { origin: one, privateAddress: false } : one)),
    limits: { concurrency: 2, perSecond: 0, perMonth: 0 },
    clock: realClock,
    ...(resolve ? { resolve } : {}),
  })
}

async function webServer(): Promise<Peer> {
  const peer = await listen((socket) => socket.write(reply(200, 'here')))
  onTestFinished(() => peer.close())
  return peer
}

async function leadsHere(): Promise<string[]> {
  return ['127.0.0.1']
}

/** The text of the answer, or class and code of the failure. */
async function ask(out: Outbound, url: string, headers: Record<string, string> = {}): Promise<string> {
  try {
    const answer = await out.call({ operation: 'x', method: 'GET', url, headers, timeout: 5_000, changes: false })
    return answer.text
  } catch (failure) {
    return failure instanceof CallFailure ? `${failure.failureClass} ${failure.code}` : String(failure)
  }
}

const DENIED = 'fatal http.denied'

function opening(origin: string): string {
  try {
    wayTo([origin])
    return 'fine'
  } catch (error) {
    return error instanceof HubError ? error.code : String(error)
  }
}

describe('the guard', () => {
  afterEach(() => void vi.unstubAllEnvs())

  it('lets a numeric private address through that an administrator wrote', async () => {
    const peer = await webServer()
    expect(await ask(wayTo([peer.origin]), `${peer.origin}/x`)).toBe('here')
  })

  it('lets localhost through when it is written', async () => {
    const peer = await webServer()
    const origin = `http://localhost:${peer.port}`
    expect(await ask(wayTo([origin]), origin)).toBe('here')
  })

  it('J01: other spellings of an address are refused when written, and denied when called', async () => {
    const spellings = ['127.1', '0177.0.0.1', '2130706433', '0x7f.1', '0', '１２７.0.0.1', '127.0.0.1.']
    for (const host of spellings) expect([host, opening(`http://${host}`)]).toEqual([host, 'http.address'])
    const out = wayTo(['https://erp.example'])
    for (const host of spellings) expect([host, await ask(out, `http://${host}/`)]).toEqual([host, DENIED])
  })

  it('J02: IPv4 hidden in IPv6 is refused, written or resolved', async () => {
    expect(opening('http://[::ffff:7f00:1]')).toBe('http.address')
    expect(opening('http://[::ffff:127.0.0.1]')).toBe('http.address')
    for (const address of ['::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '::127.0.0.1', '::ffff:0:1.2.3.4'])
      expect([address, kindOf(address)]).toEqual([address, 'never'])
  })

  it('J04: special ranges are never public', () => {
    const never = [
      '64:ff9b::7f00:1',
      '64:ff9b:1::1',
      '2002:7f00:1::',
      'fe80::1',
      'fe80::1%eth0',
      '5f00::1',
      'ff02::1',
      '::',
    ]
    never.push('2001::1', '2001:db8::1', '100::1', 'fec0::1', 'fd00:ec2::254')
    never.push('0.0.0.0', '192.0.0.8', '240.0.0.1', '255.255.255.255', '224.0.0.1', '169.254.1.1', 'no address', '')
    for (const address of never) expect([address, kindOf(address)]).toEqual([address, 'never'])
    const near = ['10.1.2.3', '172.31.0.1', '192.168.1.1', '127.9.9.9', '100.64.0.1', '198.19.0.1', '::1', 'fd12::1']
    for (const address of near) expect([address, kindOf(address)]).toEqual([address, 'private'])
    for (const address of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '203.119.0.1', '2400:3200::1'])
      expect([address, kindOf(address)]).toEqual([address, 'public'])
  })

  it('J05: of several addresses only public ones are tried, and none is an error', async () => {
    const peer = await webServer()
    const origin = `http://erp.example:${peer.port}`
    const all = ['127.0.0.1', '::1', '10.0.0.1', '169.254.169.254']
    expect(
      await ask(
        wayTo([origin], async () => all),
        origin,
      ),
    ).toBe(DENIED)
    const open = wayTo([{ origin, privateAddress: true }], async () => ['169.254.169.254', '127.0.0.1'])
    expect(await ask(open, origin)).toBe('here')
    expect(peer.connections).toBe(1)
  })

  it('J06: every connection checks the address it goes to, so a name that turns is denied', async () => {
    const peer = await listen((socket) => socket.end(reply(200, 'here')))
    onTestFinished(() => peer.close())
    const origin = `http://erp.example:${peer.port}`
    const asked: string[] = []
    const answers = [['127.0.0.1'], ['169.254.169.254'], ['127.0.0.1']]
    const out = wayTo([{ origin, privateAddress: true }], async (name) => answers[asked.push(name) - 1] ?? [])
    expect([await ask(out, origin), await ask(out, origin), await ask(out, origin)]).toEqual(['here', DENIED, 'here'])
    expect(asked).toEqual(['erp.example', 'erp.example', 'erp.example'])
  })

  it('J09: only http and https, written or called', async () => {
    const urls = [
      'file:///etc/passwd',
      'gopher://x/',
      'data:,x',
      'unix:/run/x.sock',
      'jar:http://x!/',
      'ftp://x/',
      'javascript:1',
    ]
    for (const url of urls) expect([url, opening(url)]).toEqual([url, 'http.address'])
    const out = wayTo(['https://erp.example'])
    for (const url of urls) expect([url, await ask(out, url)]).toEqual([url, DENIED])
  })

  it('J10: another port, scheme or host of the same machine is denied', async () => {
    const peer = await webServer()
    const out = wayTo([peer.origin])
    const others = [
      'http://127.0.0.1:22',
      'http://127.0.0.1',
      `http://127.0.0.2:${peer.port}`,
      peer.origin.replace('http', 'https'),
    ]
    for (const url of others) expect([url, await ask(out, url)]).toEqual([url, DENIED])
    expect(peer.connections).toBe(0)
  })

  it('J12: dot segments, plain or encoded, and crooked characters are denied', async () => {
    const peer = await webServer()
    const out = wayTo([peer.origin])
    const paths = [
      '/api/../admin',
      '/api/%2e%2e/admin',
      '/api/..%2fadmin',
      '/api/.%2E%5cadmin',
      '/a\\..\\b',
      '/./x',
      '/x/..',
      '/a\t/b',
    ]
    for (const path of paths) expect([path, await ask(out, peer.origin + path)]).toEqual([path, DENIED])
    for (const path of ['/k3cloud/Kingdee.BOS.Save.common.kdsvc', '/a/..b/c...', '/a%2Fb', '/q?x=../..'])
      expect([path, await ask(out, peer.origin + path)]).toEqual([path, 'here'])
  })

  it('J13: line breaks in a header send nothing, and headers that steer the call are denied', async () => {
    const peer = await webServer()
    const out = wayTo([peer.origin])
    expect(await ask(out, peer.origin, { 'x-title': 'a\r\nx-admin: 1' })).toBe('fatal http.invalid')
    for (const name of ['Host', 'Content-Length', 'transfer-encoding', 'Proxy-Authorization', 'accept-encoding'])
      expect([name, await ask(out, peer.origin, { [name]: '1' })]).toEqual([name, DENIED])
    expect(peer.bytes).toBe(0)
  })

  it('J14: proxy variables of the environment have no say', async () => {
    const proxy = await webServer()
    for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'])
      vi.stubEnv(name, proxy.origin)
    const peer = await webServer()
    expect(await ask(wayTo([peer.origin]), peer.origin)).toBe('here')
    expect(proxy.connections).toBe(0)
  })

  it('J15: metadata services are denied even where private addresses are allowed', async () => {
    for (const address of ['169.254.169.254', '100.100.100.200', '169.254.0.23', 'fd00:ec2::254']) {
      const written = address.includes(':') ? `http://[${address}]` : `http://${address}`
      expect([address, opening(written)]).toEqual([address, 'http.address'])
      const origin = 'http://metadata.google.internal'
      expect([
        address,
        await ask(
          wayTo([{ origin, privateAddress: true }], async () => [address]),
          origin,
        ),
      ]).toEqual([address, DENIED])
    }
  })

  it('J16: a name that leads into the company network is called only with permission', async () => {
    const peer = await webServer()
    const origin = `http://erp.example:${peer.port}`
    expect(await ask(wayTo([origin], leadsHere), origin)).toBe(DENIED)
    expect(await ask(wayTo([{ origin, privateAddress: true }], leadsHere), origin)).toBe('here')
  })

  it('denies user names in an address', async () => {
    expect(opening('http://admin:x@erp.example')).toBe('http.address')
    expect(await ask(wayTo(['http://erp.example']), 'http://a:b@erp.example/')).toBe(DENIED)
  })

  it('repeats neither the password nor the token of an address it refuses', () => {
    const refusals = {
      'http://admin:pa55word@erp.example/hook?token=t0ken': 'The address http://***@erp.example cannot',
      'http://127.1/robot/send?access_token=t0ken': 'The address http://127.1 cannot be used',
      'unix:/run/pa55word.sock': 'The address unix: cannot be used',
    }
    for (const [origin, said] of Object.entries(refusals)) expect(() => wayTo([origin])).toThrow(said)
  })

  it('takes the address out of a longer URL, in any letters', async () => {
    const peer = await webServer()
    const out = wayTo([`HTTP://LOCALHOST:${peer.port}/k3cloud/`])
    expect(await ask(out, `http://localhost:${peer.port}/k3cloud/x`)).toBe('here')
  })
})
