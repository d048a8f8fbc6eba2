import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { CipherError, decrypt, encrypt, signature } from './crypto.ts'
import type { CallbackKeys } from './crypto.ts'
import { httpText } from './events.ts'
import type { PushEvent } from './events.ts'

/** Where and how events are posted. */
export interface CallbackSettings extends CallbackKeys {
  readonly url: string
}

/** HTTP push (dingtalk.md §2). */
export interface CallbackPush {
  settings: CallbackSettings | undefined
  /** True when the receiver answered the encrypted `success` in time. */
  send(event: PushEvent): Promise<boolean>
  /** What the platform does before it saves settings: why they cannot be saved, or undefined. */
  check(settings: CallbackSettings): Promise<string | undefined>
  close(): void
}

/** So many posts are under way at most; the time limit of each starts when it is sent. */
const AT_ONCE = 64

export function openCallbackPush(answerWithin: number): CallbackPush {
  const closing = new AbortController()
  const place = places(AT_ONCE)
  const post = (settings: CallbackSettings, text: string): Promise<string | undefined> =>
    place(() => exchange(settings, text, AbortSignal.any([closing.signal, AbortSignal.timeout(answerWithin)])))
  return {
    settings: undefined,
    async send(event) {
      return this.settings !== undefined && (await post(this.settings, httpText(event))) === undefined
    },
    check: (settings) => post(settings, JSON.stringify({ EventType: 'check_url' })),
    close: () => closing.abort(),
  }
}

/** Lets so many run at the same time; the others wait in line. */
function places(size: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const line: (() => void)[] = []
  let free = size
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => line.push(resolve))
    try {
      return await work()
    } finally {
      const next = line.shift()
      if (next) next()
      else free += 1
    }
  }
}

const answerShape = z.object({
  msg_signature: z.string(),
  timeStamp: z.coerce.string(),
  nonce: z.string(),
  encrypt: z.string(),
})

/** One signed and encrypted post; says what is wrong with the answer, or undefined. */
async function exchange(settings: CallbackSettings, text: string, signal: AbortSignal): Promise<string | undefined> {
  const url = new URL(settings.url)
  const timestamp = String(Date.now())
  const nonce = randomBytes(6).toString('base64url')
  const body = encrypt(text, settings)
  const signed = signature(settings.token, timestamp, nonce, body)
  for (const [name, value] of Object.entries({ signature: signed, msg_signature: signed, timestamp, nonce })) {
    url.searchParams.set(name, value)
  }
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ encrypt: body }),
      redirect: 'manual',
      signal,
    })
    const answer = await response.text()
    return response.status === 200 ? readAnswer(settings, answer) : `status ${response.status}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function readAnswer(settings: CallbackSettings, text: string): string | undefined {
  const parsed = answerShape.safeParse(parseJson(text))
  if (!parsed.success) return 'the answer is not the encrypted envelope'
  const { msg_signature, timeStamp, nonce, encrypt: encrypted } = parsed.data
  if (signature(settings.token, timeStamp, nonce, encrypted) !== msg_signature) return 'the signature is wrong'
  try {
    return decrypt(encrypted, settings) === 'success' ? undefined : 'the answer is not success'
  } catch (error) {
    if (error instanceof CipherError) return error.message
    throw error
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
