import { request } from 'node:http'
import { HubError } from '@shuniu/contracts'
import type { HubStatus } from '@shuniu/console'
import { openEmbedded, type Embedded } from '@shuniu/infra/embedded'
import { openEmbeddedStore } from '@shuniu/infra/store'
import { openMetrics } from '@shuniu/infra/telemetry'
import { realClock } from '@shuniu/infra/time'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from './cli/testing.ts'
import { openOps, type OpsDoor } from './ops.ts'

let ops: OpsDoor
let folder: ReturnType<typeof temporaryFolder>
let embedded: Embedded
beforeEach(async () => {
  folder = temporaryFolder()
  embedded = await openEmbedded({ folder: folder.path })
  ops = await openOps(0)
})
afterEach(async () => {
  await ops.close()
  await embedded.close()
  folder.remove()
})

const ask = async (path: string): Promise<string> => {
  const answer = await fetch(`${ops.url}${path}`)
  return `${answer.status} ${(await answer.text()).trimEnd().replaceAll('\n', ' | ')}`.trimEnd()
}
const all = async (): Promise<string[]> => Promise.all(['/livez', '/startupz', '/readyz?verbose'].map(ask))

interface Health {
  readonly notReady?: readonly string[]
  readonly broker?: Error
}

/** As much of a hub as is asked. */
function hub({ notReady = [], broker }: Health): Parameters<OpsDoor['answer']>[0] {
  const dependencies = { log: () => (broker ? Promise.reject(broker) : Promise.resolve()) }
  const [store, metrics] = [openEmbeddedStore(embedded), openMetrics({ runtime: false })]
  metrics.build.of('0.1.0').set(1)
  return { clock: realClock, dependencies, metrics, store, status: () => ({ ...status, notReady }) }
}

const status: Omit<HubStatus, 'notReady'> = {
  version: '0.1.0',
  project: 'a',
  epoch: 1,
  resync: false,
  startedAt: 0,
  flows: [],
  connections: [],
}

describe('the port for operations', () => {
  test('says that a hub lives before it can be asked anything', async () => {
    expect(await all()).toEqual(['200 ok', '503 failed', '503 [-]hub failed: starting | failed'])
    expect(await ask('/metrics')).toBe('503')
  })

  test('calls a hub that waits for its database started: a restart would not help', async () => {
    ops.waits(new HubError('store.full'))
    expect(await all()).toEqual(['200 ok', '200 ok', '503 [-]hub failed: store.full | failed'])
  })

  test.each<[string, Health, string[]]>([
    ['is well', {}, ['200 ok', '200 ok', '200 [+]hub ok | [+]store ok | [+]log ok | ok']],
    [
      'takes up what an earlier life left',
      { notReady: ['starting'] },
      ['200 ok', '503 failed', '503 [-]starting failed | [+]store ok | [+]log ok | failed'],
    ],
    [
      'ends',
      { notReady: ['closing'] },
      ['200 ok', '200 ok', '503 [-]closing failed | [+]store ok | [+]log ok | failed'],
    ],
    [
      'has lost its broker',
      { broker: new Error('refused') },
      ['200 ok', '200 ok', '503 [+]hub ok | [+]store ok | [-]log failed: refused | failed'],
    ],
  ])('tells of a hub that %s, a line for each thing', async (_, health, said) => {
    ops.answer(hub(health))
    expect(await all()).toEqual(said)
    expect(await ask('/metrics')).toContain('shuniu_build_info{version="0.1.0"} 1')
  })

  test('takes nothing and serves nothing else', async () => {
    ops.answer(hub({}))
    for (const path of ['/', '/api/v1/status', '/hooks/a/b', '/livez/x']) expect(await ask(path)).toBe('404')
    expect((await fetch(`${ops.url}/livez`, { method: 'POST', body: 'x' })).status).toBe(405)
    const head = await new Promise((resolve) =>
      request(`${ops.url}/livez`, { method: 'HEAD' }, ({ statusCode }) => resolve(statusCode)).end(),
    )
    expect(head).toBe(200)
  })
})
