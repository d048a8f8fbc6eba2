import { findPackageJSON } from 'node:module'
import { pathToFileURL } from 'node:url'
import { DWClient, EventAck } from 'dingtalk-stream'
import type { DWClientDownStream } from 'dingtalk-stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { drive } from './driver.ts'
import type { Driver } from './driver.ts'
import { application } from './organisation.ts'

/** A busy machine may take its time. */
const patient = { timeout: 10_000 }

/** The part of the official client's HTTP library that we use. */
interface HttpLibrary {
  readonly interceptors: {
    readonly request: {
      use(change: <Request extends { url?: string }>(request: Request) => Request): number
      eject(id: number): void
    }
  }
}

// The client's addresses are constants, so the very HTTP library it brings along is told to go elsewhere.
const library = findPackageJSON('axios', import.meta.resolve('dingtalk-stream')) ?? ''
const { default: axios }: { default: HttpLibrary } = await import(new URL('index.js', pathToFileURL(library)).href)

let restore = (): void => {}

beforeEach(() => {
  vi.spyOn(console, 'info').mockReturnValue()
})
afterEach(() => {
  restore()
  vi.restoreAllMocks()
})

function connectTo(sim: Driver, answers: readonly EventAck[]) {
  const id = axios.interceptors.request.use((request) => ({
    ...request,
    url: request.url?.replace(/^https:\/\/(api|oapi)\.dingtalk\.com/, sim.url),
  }))
  const { clientId, clientSecret } = application
  const client = new DWClient({ clientId, clientSecret })
  restore = () => (client.disconnect(), axios.interceptors.request.eject(id))
  const received: DWClientDownStream[] = []
  client.registerAllEventListener((event) => {
    received.push(event)
    return { status: answers[received.length - 1] ?? EventAck.SUCCESS, message: 'noted' }
  })
  return { client, received }
}

const options = { redeliver: '1,1', 'ack-within': '60000,60000', events: 'bpms_instance_change/finish' }

test('the official client gets a token, events, and a re-delivery only after LATER', async () => {
  await using sim = await drive({ options })
  const { client, received } = connectTo(sim, [EventAck.LATER])
  expect(await client.getAccessToken()).toMatch(/^[0-9a-f]{32}$/)
  await client.connect()
  const first = await sim.act('approved-payment')
  await expect.poll(() => received, patient).toHaveLength(2)
  const second = await sim.act('approved-payment')
  await expect.poll(() => received, patient).toHaveLength(3)
  await expect
    .poll(async () => (await sim.control('GET', '/_sim')).body, patient)
    .toMatchObject({ stream: { waiting: 0 } })
  expect(received.map(({ data }) => JSON.parse(data).processInstanceId)).toEqual([first.id, first.id, second.id])
  expect(received[0]?.headers.eventId).toBe(received[1]?.headers.eventId)
  expect(received[0]?.headers).toMatchObject({ eventType: 'bpms_instance_change', eventCorpId: application.corpId })
  expect(sim.running.book.notes().filter((note) => 'givenUp' in note)).toEqual([])
})
