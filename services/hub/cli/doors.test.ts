import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { request as plainRequest, type IncomingMessage } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { main } from './main.ts'
import { copyOfExample, shuniu, temporaryFolder, testHost, type TestHost } from './testing.ts'

const pem = readFileSync(new URL('../../../infra/outbound/fixtures/localhost.pem', import.meta.url), 'utf8')
const other = readFileSync(new URL('../../../infra/outbound/fixtures/other-name.pem', import.meta.url), 'utf8')
const authority = readFileSync(new URL('../../../infra/outbound/fixtures/authority.pem', import.meta.url), 'utf8')
const nobody = { DINGTALK_URL: 'http://127.0.0.1:9', KINGDEE_URL: 'http://127.0.0.1:9' }

let project: ReturnType<typeof copyOfExample>
let folder: ReturnType<typeof temporaryFolder>
const hubs: { host: TestHost; ended: Promise<number> }[] = []

beforeEach(() => {
  project = copyOfExample()
  folder = temporaryFolder()
})
afterEach(async () => {
  for (const { host, ended } of hubs.splice(0)) {
    host.pressStop()
    await ended
  }
  project.remove()
  folder.remove()
})

/** The address that a hub with these flags says. */
async function started(flags: readonly string[], environment: Record<string, string> = {}): Promise<string> {
  const host = testHost({ environment: { ...nobody, ...environment } })
  const base = ['--project', project.path, '--data', join(folder.path, 'data'), '--port', '0', '--log-level', 'error']
  const ended = main(['start', ...base, ...flags], host)
  hubs.push({ host, ended })
  await vi.waitFor(() => expect(host.said.out).toContain('ready '), { timeout: 15_000 })
  return /^ready (https?:\S+)\n$/.exec(host.said.out)?.[1] ?? ''
}

interface Got {
  readonly status: number
  readonly text: string
}

function get(url: string, headers: Record<string, string> = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage): void => {
      let text = ''
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    }
    const options = { headers, ca: authority, servername: 'localhost', agent: false } as const
    const asked = url.startsWith('https:') ? tlsRequest(url, options, take) : plainRequest(url, { headers }, take)
    asked.on('error', reject).end()
  })
}

const serialOf = (text: string): string => new X509Certificate(text).serialNumber

/** Serial number of the certificate that it shows. */
function shownBy(url: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

/** A port that was free a moment ago. */
function freePort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(String(typeof address === 'object' ? address?.port : 0)))
    })
  })
}

describe('start', () => {
  test('opens no door to other machines without protection, and says what would be one', async () => {
    const { code, err } = await shuniu(['start', '--project', project.path, '--host', '0.0.0.0'], {
      environment: nobody,
    })
    expect(code).toBe(64)
    for (const word of ['option.unprotected', '--tls-cert', '--behind-proxy', '--ops-port']) expect(err).toContain(word)
  })

  test('speaks TLS with the certificate it is given, then with the one it is given later, and nothing else', async () => {
    const files = ['tls.crt', 'tls.key'].map((name) => join(folder.path, name))
    for (const file of files) writeFileSync(file, pem)
    const [cert = '', key = ''] = files
    const url = await started(['--host', '127.0.0.1', '--tls-cert', cert], { SHUNIU_TLS_KEY_FILE: key })
    expect(url).toMatch(/^https:/)
    expect((await get(`${url}/livez`)).text).toBe('ok')
    await expect(get(`${url.replace('https', 'http')}/livez`)).rejects.toThrow()
    expect(await shownBy(url)).toBe(serialOf(pem))
    for (const file of files) writeFileSync(file, other)
    await expect.poll(() => shownBy(url), { timeout: 10_000 }).toBe(serialOf(other))
  })

  test('answers this machine also behind a proxy', async () => {
    const url = await started(['--behind-proxy', '10.9.9.9'])
    expect((await get(`${url}/livez`)).text).toBe('ok')
  })
})

describe('the port for operations', () => {
  test('serves probes and metrics without a token, and nothing else', async () => {
    const port = await freePort()
    const url = await started(['--ops-port', port, '--token', 'a-token-of-the-hub'])
    const ops = `http://127.0.0.1:${port}`
    expect(await get(`${ops}/livez`)).toEqual({ status: 200, text: 'ok\n' })
    expect(await get(`${ops}/startupz`)).toEqual({ status: 200, text: 'ok\n' })
    expect(await get(`${ops}/readyz`)).toEqual({ status: 200, text: 'ok\n' })
    expect((await get(`${ops}/readyz?verbose`)).text).toMatch(
      /^\[\+\]hub ok\n\[\+\]store ok\n\[\+\]log ok\n[^-]*\nok\n$/,
    )
    expect((await get(`${ops}/metrics`)).text).toContain('shuniu_build_info')
    for (const path of ['/api/v1/status', '/hooks/dingtalk-main/callback', '/registry/subjects', '/'])
      expect(await get(`${ops}${path}`)).toEqual({ status: 404, text: '' })
    expect((await get(`${url}/metrics`)).status).toBe(401)
  })
})

describe('a token', () => {
  test('is made, shown once, listed, used by a command and revoked', async () => {
    const url = await started([])
    const by = (token?: string) => ({ environment: { SHUNIU_HUB: url, ...(token ? { SHUNIU_TOKEN: token } : {}) } })
    const boss = await shuniu(['token', 'create', '--role', 'admin', '--name', 'boss'], by())
    expect([boss.code, boss.err]).toEqual([0, expect.stringContaining('cannot show it again')])
    const token = boss.out.trim()
    expect((await shuniu(['runs'], by())).err).toContain('api.token-needed')
    const guest = ['token', 'create', '--role', 'read', '--name', 'guest', '--expires', '90d', '--json']
    const made = JSON.parse((await shuniu(guest, by(token))).out)
    expect((await shuniu(['runs'], by(made.token))).code).toBe(0)
    const refused = await shuniu(['token', 'list'], by(made.token))
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('api.role-needed')])
    const { out } = await shuniu(['token', 'list'], by(token))
    expect(out).toMatch(/boss +admin +usable/)
    expect(out).not.toContain(token)
    expect((await shuniu(['token', 'revoke', 'guest'], by(token))).code).toBe(0)
    expect((await shuniu(['runs'], by(made.token))).err).toContain('api.token-needed')
  })
})
