import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { decrypt, encrypt, signature } from './crypto.ts'
import { callbackDefaults as keys } from './organisation.ts'

const posted = z.object({ encrypt: z.string() })
const event = z.looseObject({ EventType: z.string(), eventId: z.string().optional(), type: z.string().optional() })

/** A plaintext that was posted. */
export type Posted = z.infer<typeof event>

/** How a receiver answers: as it has to, or in one of the ways that do not count. */
export type Answering = 'success' | 'plain' | 'other-text' | 'wrong-signature' | 'status-500' | 'redirect'

/** A little receiver of the HTTP push, for tests. */
export interface Receiver extends AsyncDisposable {
  readonly url: string
  answering: Answering
  /** The next event that was posted, in order of arrival. */
  next(): Promise<Posted>
  readonly arrived: number
}

export async function openReceiver(): Promise<Receiver> {
  const waiting: Posted[] = []
  const wanted: ((one: Posted) => void)[] = []
  let arrived = 0
  const server = createServer(async (request, response) => {
    const one = await readPosted(request)
    arrived += 1
    const [status, body] = answerOf(receiver.answering)
    response.writeHead(status, status === 302 ? { location: receiver.url } : {}).end(body)
    const taker = wanted.shift()
    if (taker) taker(one)
    else waiting.push(one)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const receiver: Receiver = {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/dingtalk/callback`,
    answering: 'success',
    next: () => {
      const one = waiting.shift()
      return one ? Promise.resolve(one) : new Promise((resolve) => wanted.push(resolve))
    },
    get arrived() {
      return arrived
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}

async function readPosted(request: IncomingMessage): Promise<Posted> {
  const { searchParams } = new URL(request.url ?? '', 'http://receiver')
  const { encrypt: encrypted } = posted.parse(JSON.parse(await text(request)))
  const [timestamp = '', nonce = '', ...signatures] = ['timestamp', 'nonce', 'signature', 'msg_signature'].map(
    (name) => searchParams.get(name) ?? '',
  )
  const expected = signature(keys.token, timestamp, nonce, encrypted)
  if (signatures.some((one) => one !== expected)) throw new Error('the push is not signed')
  return event.parse(JSON.parse(decrypt(encrypted, keys)))
}

function answerOf(answering: Answering): [number, string] {
  if (answering === 'plain') return [200, 'success']
  if (answering === 'status-500') return [500, '']
  if (answering === 'redirect') return [302, '']
  const timeStamp = '1767583805380'
  const nonce = 'dPz4Kf8sLw0QaYvE'
  const encrypted = encrypt(answering === 'other-text' ? 'ok' : 'success', keys)
  const right = signature(keys.token, timeStamp, nonce, encrypted)
  const msg_signature = answering === 'wrong-signature' ? right.replaceAll(/\w/g, '0') : right
  return [200, JSON.stringify({ msg_signature, timeStamp, nonce, encrypt: encrypted })]
}
