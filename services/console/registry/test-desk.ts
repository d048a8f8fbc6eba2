import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbedded } from '@shuniu/infra/embedded'
import { openEmbeddedStore, type Store } from '@shuniu/infra/store'
import { SimulatedClock } from '@shuniu/infra/time'
import { answerRegistry, type RegistryRequest } from './answer.ts'
import { Registry } from './registry.ts'

/** An answer as a client reads it; each test says what `json` is. */
export interface Answered {
  readonly status: number
  readonly type: string | undefined
  readonly json: ReturnType<typeof JSON.parse>
}

/** The registry over a real store in a folder of its own, asked without HTTP. */
export interface TestDesk {
  readonly store: Store
  readonly reported: unknown[]
  as(mayRegister: boolean): (method: string, path: string, body?: unknown) => Promise<Answered>
  ask(request: Partial<RegistryRequest>): Promise<Answered>
  close(): Promise<void>
}

export async function openTestDesk(): Promise<TestDesk> {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-registry-'))
  const embedded = await openEmbedded({ folder, flushOn: 'main' })
  const store = openEmbeddedStore(embedded)
  const registry = new Registry({
    store,
    clock: new SimulatedClock(Date.parse('2026-11-22T02:00:00Z')),
    readersOf: (topic) => (topic === 'finance.voucher.created.v1' ? ['tell-the-bank'] : []),
  })
  const reported: unknown[] = []
  const desk = {
    registry,
    id: async () => 'installation',
    version: async () => '0.1.0',
    report: (error: unknown) => void reported.push(error),
  }
  const ask = async (request: Partial<RegistryRequest>): Promise<Answered> => {
    const { status, headers, body } = await answerRegistry(desk, {
      method: 'GET',
      path: '/',
      contentType: 'application/vnd.schemaregistry.v1+json',
      accept: undefined,
      body: new Uint8Array(),
      language: 'en',
      caller: async () => ({ mayRegister: false, actor: 'somebody' }),
      ...request,
    })
    return { status, type: headers['content-type'], json: JSON.parse(body) }
  }
  return {
    store,
    reported,
    ask,
    as: (mayRegister) => (method, path, body) =>
      ask({
        method,
        path,
        body: body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body)),
        caller: async () => ({ mayRegister, actor: mayRegister ? 'deploy' : 'somebody' }),
      }),
    async close() {
      await embedded.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
