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
    const { token, aesKey, previous, receiveId = settings.clientId, maxAge } = settings.callback
    const pairs = previous ? [{ token, aesKey }, previous] : [{ token, aesKey }]
    const envelopes = pairs.map((pair) => openEnvelope({ ...pair, receiveId }))
    const maxAgeMs = maxAge === 'none' ? Infinity : (Duration.parse(maxAge)?.ms ?? 0)
    const isTimely = (ms: number): boolean => Math.abs(ground.clock.now() - ms) <= maxAgeMs
    return (request) => verdict(request, envelopes, isTimely, (envelope) => success(envelope, ground))
  },
}

/** Of several pairs of keys the one that opens a push also seals its answer; the token alone may have been changed, or the key. */
function verdict(
  request: HookRequest,
  envelopes: readonly Envelope[],
  isTimely: (ms: number) => boolean,
  answer: (envelope: Envelope) => HookAnswer,
): HookVerdict {
  const shape = malformed(request)
  if (shape) return shape
  const encrypted = encryptedOf(request.body)
  if (encrypted === undefined) return refused(400, 'no encrypted text')
  const signers = envelopes.filter((envelope) => isSignedBy(envelope, request.query, encrypted.text))
  if (signers.length === 0) return refused(401, 'the signature is wrong')
  const { timestamp = '' } = request.query
  if (!/^\d{1,15}$/.test(timestamp) || !isTimely(Number(timestamp))) return refused(401, 'too old or too new')
  for (const envelope of signers) {
    const text = envelope.open(encrypted.bytes)
    if (text !== undefined) return accepted(text, () => answer(envelope))
  }
  return refused(401, 'it does not decrypt to a message for us')
}

/** Newer pages of the vendor call it msg_signature; either may be missing. */
function isSignedBy(envelope: Envelope, query: HookRequest['query'], encrypted: string): boolean {
  const { timestamp = '', nonce = '', signature, msg_signature: newer } = query
  const right = envelope.sign(timestamp, nonce, encrypted)
  const isFirst = isSameSignature(signature, right)
  return signature === newer ? isFirst : isSameSignature(newer, right) || isFirst
}

function accepted(text: string, answer: () => HookAnswer): HookVerdict {
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
function encryptedOf(body: Uint8Array): { readonly text: string; readonly bytes: Buffer } | undefined {
  const text = encryptOf(body)
  if (text === undefined || text === '' || text.length % 4 !== 0) return undefined
  const bytes = Buffer.from(text, 'base64')
  // What is no base64 is left out when it is read, so that less comes of it than its length says.
  return bytes.length % 16 === 0 && bytes.length === Buffer.byteLength(text, 'base64') ? { text, bytes } : undefined
}

/** The body as the vendor writes it, to the letter. */
const plainBody = /^\{"encrypt":"([A-Za-z0-9+/=]+)"\}$/

function encryptOf(body: Uint8Array): string | undefined {
  const plain = plainBody.exec(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'))?.[1]
  if (plain !== undefined) return plain
  try {
    return textOf(recordOf(parseJson(body, { maxDepth: 4, maxKeys: 16 }))?.encrypt)
  } catch {
    return undefined
  }
}

/** The only answer the platform takes as received: `success`, sealed and signed with the answer's own time. */
function success(envelope: Envelope, { clock, random }: { clock: Clock; random: Random }): HookAnswer {
  const timeStamp = String(clock.now())
  const bytes = Buffer.from(random.bytes(24))
  const nonce = bytes.toString('hex', 16)
  const encrypt = envelope.seal('success', bytes.subarray(0, 16))
  const body = JSON.stringify({ msg_signature: envelope.sign(timeStamp, nonce, encrypt), timeStamp, nonce, encrypt })
  return { status: 200, headers: { 'content-type': 'application/json' }, body }
}
