import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import type { RunningHub } from '@shuniu/hub'

/** What DingTalk and the example project agreed on (dingtalk.md §2.1); the simulator has the same by default. */
export const keys = {
  token: 'Hub2024TokenAbc',
  aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  receiveId: 'dinga1b2c3d4e5f6g7h8',
}

/** The payment form of the example. */
export const paymentForm = 'PROC-0F8B2A77-5D3C-4E19-9B60-1A2C3D4E5F60'

export interface Push {
  readonly query: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface Sealing {
  readonly keys?: typeof keys
  readonly timestamp?: string
  readonly nonce?: string
  /** Instead of the sealed text. */
  readonly encrypt?: string
}

/** Written from the vendor's page alone, so that it agrees with nobody by accident. */
export function signature(token: string, timestamp: string, nonce: string, encrypted: string): string {
  return createHash('sha1').update([token, timestamp, nonce, encrypted].toSorted().join('')).digest('hex')
}

/** base64 of AES-256-CBC over `random(16) | length | text | receiver`, padded to 32 bytes or as `padding` says. */
export function seal(text: string, { aesKey, receiveId } = keys, padding?: (length: number) => Buffer): string {
  const key = Buffer.from(`${aesKey}=`, 'base64')
  const message = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(message.length)
  const plain = Buffer.concat([randomBytes(16), length, message, Buffer.from(receiveId)])
  const missing = 32 - (plain.length % 32)
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  const padded = Buffer.concat([plain, padding?.(missing) ?? Buffer.alloc(missing, missing)])
  return Buffer.concat([cipher.update(padded), cipher.final()]).toString('base64')
}

function open(encrypted: string): string {
  const key = Buffer.from(`${keys.aesKey}=`, 'base64')
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  const plain = Buffer.concat([decipher.update(Buffer.from(encrypted, 'base64')), decipher.final()])
  return plain.toString('utf8', 20, 20 + plain.readUInt32BE(16))
}

/** A push of this text as DingTalk sends it; parts can be replaced. */
export function sealed(text: string, sealing: Sealing = {}): Push {
  const { timestamp = String(Date.now()), nonce = 'Tq7XbW2m', keys: ours = keys } = sealing
  const encrypt = sealing.encrypt ?? seal(text, ours)
  const signed = signature(ours.token, timestamp, nonce, encrypt)
  return { query: { signature: signed, timestamp, nonce }, body: Buffer.from(JSON.stringify({ encrypt })) }
}

/** The text of a finished approval's push. */
export function finished({ id, number }: { id: string; number: string }, overrides: object = {}): string {
  return JSON.stringify({
    EventType: 'bpms_instance_change',
    EventTime: Date.now(),
    CorpId: 'ding7f3c9a1e5b2d4c6835c2f4657eb6378f',
    eventId: createHash('md5').update(id).digest('hex'),
    processInstanceId: id,
    processCode: paymentForm,
    businessId: number,
    type: 'finish',
    result: 'agree',
    ...overrides,
  })
}

export interface PushOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly hook?: string
}

export async function post(hub: Pick<RunningHub, 'url'>, push: Push, options: PushOptions = {}): Promise<Response> {
  const { hook = 'dingtalk-main/callback', headers = { 'content-type': 'application/json' } } = options
  const url = `${hub.url}/hooks/${hook}?${new URLSearchParams(push.query)}`
  return fetch(url, { method: 'POST', headers, body: new Uint8Array(push.body) })
}

/** What an answer says in the vendor's terms: `200 success` when it is the signed and encrypted acknowledgement. */
export async function verdict(answer: Response): Promise<string> {
  const text = await answer.text()
  if (answer.status !== 200) return `${answer.status} ${text}`.trim()
  const { msg_signature, timeStamp, nonce, encrypt } = JSON.parse(text) as Record<string, string>
  const isSigned = signature(keys.token, timeStamp ?? '', nonce ?? '', encrypt ?? '') === msg_signature
  return `200 ${isSigned ? open(encrypt ?? '') : 'with a wrong signature'}`
}
