import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { openEmbedded, type Embedded } from '@shuniu/infra/embedded'
import { openEmbeddedStore } from '@shuniu/infra/store'
import { openLog, openMetrics } from '@shuniu/infra/telemetry'
import { realClock, realRandom } from '@shuniu/infra/time'
import type { Connection } from '@shuniu/sdk'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addresses, copyOfExample, shuniu, temporaryFolder } from './cli/testing.ts'
import { openConnections } from './connections.ts'
import { openProject } from './project.ts'

let project: ReturnType<typeof copyOfExample>
let data: ReturnType<typeof temporaryFolder>
let embedded: Embedded
const opened: Connection[] = []

beforeEach(async () => {
  project = copyOfExample()
  data = temporaryFolder()
  embedded = await openEmbedded({ folder: data.path })
})
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
  await embedded.close()
  for (const one of [project, data]) one.remove()
})

/** The connections of the project as it stands; every name leads to this machine. */
async function connected(kingdee: string, log = openLog({ level: 'silent' })) {
  const { connections } = await openProject(project.path, { ...addresses, KINGDEE_URL: kingdee })
  const ground = { store: openEmbeddedStore(embedded), clock: realClock, random: realRandom, log }
  const metrics = openMetrics({ runtime: false })
  const byName = await openConnections(connections, { ...ground, metrics, resolve: async () => ['127.0.0.1'] })
  opened.push(...byName.values())
  return byName
}

describe('an ERP in the company network, named in the settings', () => {
  const server = createServer((_, answer) => answer.end('here'))
  const nameOf = (host: string): string => `http://${host}:${(server.address() as AddressInfo).port}`
  beforeEach(() => once(server.listen(0, '127.0.0.1'), 'listening'))
  afterEach(() => void server.close())

  async function asked(): Promise<string> {
    const erp = nameOf('erp.corp.example')
    const { outbound } = (await connected(erp)).get('kingdee-main') ?? {}
    const call = { operation: 'x', method: 'GET', url: `${erp}/k3cloud/`, timeout: 5_000, changes: false } as const
    const answer = await outbound?.call(call).catch((failure: { code: string }) => ({ text: failure.code }))
    return answer?.text ?? ''
  }

  test('is not called without permission', async () => {
    expect(await asked()).toBe('http.denied')
  })

  test('is called when its connection says so', async () => {
    appendFileSync(join(project.path, 'connections/kingdee-main.yaml'), 'privateAddress: true\n')
    expect(await asked()).toBe('here')
  })
})

test('with the level debug every call of a vendor is one line, without address, headers and body', async () => {
  const lines: string[] = []
  const log = openLog({ level: 'debug', stream: { write: (line) => lines.push(line) } })
  const { outbound } = (await connected('http://127.0.0.1:1', log)).get('kingdee-main') ?? {}
  const call = {
    operation: 'voucher.save',
    method: 'POST',
    url: 'http://127.0.0.1:1/k3cloud/',
    timeout: 5_000,
  } as const
  await expect(outbound?.call({ ...call, body: 'the voucher', changes: true })).rejects.toThrow('no connection')
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    {
      level: 'debug',
      time: expect.any(String),
      code: 'vendor.call',
      connection: 'kingdee-main',
      operation: 'voucher.save',
      class: 'transient',
      status: 0,
      ms: expect.any(Number),
    },
  ])
})

describe('J01: an address in another form than it is understood in', () => {
  const spellings = ['http://127.1:1', 'http://0x7f.1:1', 'http://2130706433:1']

  test.each(spellings)('%s is refused at start', async (kingdee) => {
    await expect(connected(kingdee)).rejects.toMatchObject({ code: 'http.address' })
  })

  test.each(spellings)('%s is found by lint, at the setting that says it', async (wrong) => {
    const environment = { DINGTALK_URL: wrong, KINGDEE_URL: wrong }
    const { code, out } = await shuniu(['lint', '--project', project.path, '--json'], { environment })
    const { problems } = JSON.parse(out) as { problems: { code: string; place: { file: string; line: number } }[] }
    expect(code).toBe(1)
    expect(problems.map((one) => [one.code, one.place.file, one.place.line])).toEqual([
      ['http.address', 'connections/dingtalk-main.yaml', 5],
      ['http.address', 'connections/kingdee-main.yaml', 5],
    ])
  })
})
