import { Duration } from '@shuniu/contracts'
import { parseJson } from '@shuniu/infra/json'
import type { Clock, Random } from '@shuniu/infra/time'
import type { Hook, HookAnswer, HookRequest, HookVerdict } from '@shuniu/sdk'
import { isSameSignature, openEnvelope, type Envelope } from './envelope.ts'
import { handedOf, readEvent } from './events.ts'
import type { Settings } from './settings.ts'
import { recordOf, textOf } from './tolerant.ts'

const MAX_BYTES = 1024 * 1024

/**
 * HTTP push (dingtalk.md §2): signature, age, decryption, receiver – in this order; then the encrypted `success`.
 * Nothing is decrypted or parsed that is not signed. Every refusal looks the same from outside.
 */
export const callback: Hook<Settings> = {
  title: { en: 'Event push over HTTP', zh: 'HTTP 事件推送' },
  open(settings, ground) {
    if (!settings.callback) return undefined
    const { token, aesKey, receiveId = settings.clientId, maxAge } = settings.callback
    const envelope = openEnvelope({ token, aesKey, receiveId })
    const answer = (): HookAnswer => success(envelope, ground)
    const maxAgeMs = maxAge === 'none' ? Infinity : (Duration.parse(maxAge)?.ms ?? 0)
    return (request) => verdict(request, envelope, (ms) => Math.abs(ground.clock.now() - ms) <= maxAgeMs, answer)
  },
}

function verdict(
  request: HookRequest,
  envelope: Envelope,
  isTimely: (ms: number) => boolean,
  answer: () => HookAnswer,
): HookVerdict {
  const shape = malformed(request)
  if (shape) return shape
  const encrypted = encryptedText(request.body)
  if (encrypted === undefined) return refused(400, 'no encrypted text')
  const { timestamp = '', nonce = '' } = request.query
  const right = envelope.sign(timestamp, nonce, encrypted)
  // Newer pages of the vendor call it msg_signature; either may be missing.
  const given = ['signature', 'msg_signature'].map((name) => isSameSignature(request.query[name], right))
  if (!given.includes(true)) return refused(401, 'the signature is wrong')
  if (!/^\d{1,15}$/.test(timestamp) || !isTimely(Number(timestamp))) return refused(401, 'too old or too new')
  const text = envelope.open(Buffer.from(encrypted, 'base64'))
  if (text === undefined) return refused(401, 'it does not decrypt to a message for us')
  const event = readEvent(text)
  return { is: 'accepted', handed: event && isUrlCheck(event.type) ? [] : [handedOf(text, event)], answer }
}

/** Sent when the setting is saved in the console; it says nothing and leaves no receipt. */
const isUrlCheck = (type: string): boolean => /^check_(\w+_)?url$/.test(type)

function malformed({ method, headers, body }: HookRequest): HookVerdict | undefined {
  if (method !== 'POST') return refused(400, `method ${method}`)
  if (body.byteLength > MAX_BYTES) return refused(413, 'the body is too large')
  const encoding = header(headers, 'content-encoding')
  if (encoding !== '' && encoding !== 'identity') return refused(415, 'the body is compressed')
  const charset = /charset="?([^;"\s]+)/.exec(header(headers, 'content-type'))?.[1]
  return charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' ? refused(415, 'not UTF-8') : undefined
}

const header = (headers: HookRequest['headers'], name: string): string => String(headers[name] ?? '').toLowerCase()

const refused = (status: 400 | 401 | 413 | 415, because: string): HookVerdict => ({ is: 'refused', status, because })

/** `encrypt` of the body: base64 of whole cipher blocks; undefined when it cannot be that. */
function encryptedText(body: Uint8Array): string | undefined {
  const text = encryptOf(body)
  if (text === undefined || text === '' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    return undefined
  return Buffer.byteLength(text, 'base64') % 16 === 0 ? text : undefined
}

function encryptOf(body: Uint8Array): string | undefined {
  try {
    return textOf(recordOf(parseJson(body, { maxDepth: 4, maxKeys: 16 }))?.encrypt)
  } catch {
    return undefined
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** The only answer the platform takes as received: `success`, sealed and signed with the answer's own time. */
function success(envelope: Envelope, { clock, random }: { clock: Clock; random: Random }): HookAnswer {
  const timeStamp = String(clock.now())
  const nonce = Array.from(random.bytes(16), (byte) => LETTERS[byte % LETTERS.length]).join('')
  const encrypt = envelope.seal('success', random.bytes(16))
  const body = JSON.stringify({ msg_signature: envelope.sign(timeStamp, nonce, encrypt), timeStamp, nonce, encrypt })
  return { status: 200, headers: { 'content-type': 'application/json' }, body }
}
