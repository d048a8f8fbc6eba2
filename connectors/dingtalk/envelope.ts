import { createCipheriv, createDecipheriv, createSecretKey, hash, timingSafeEqual, type KeyObject } from 'node:crypto'

/** What seals and opens pushes; the key object is prepared once. */
export interface Envelope {
  /** Lower-case hex SHA-1 over the sorted token, timestamp, nonce and encrypted text (dingtalk.md §2.1). */
  sign(timestamp: string, nonce: string, encrypted: string): string
  /** The message for us; undefined when the padding, the length or the receiver is wrong. */
  open(encrypted: Buffer): string | undefined
  /** `random` = 16 bytes. Base64. */
  seal(message: string, random: Uint8Array): string
}

const BLOCK = 32
const HEAD = 20

export function openEnvelope(keys: { token: string; aesKey: string; receiveId: string }): Envelope {
  const bytes = Buffer.from(`${keys.aesKey}=`, 'base64')
  const key = createSecretKey(bytes)
  const iv = bytes.subarray(0, 16)
  const receiver = Buffer.from(keys.receiveId)
  return {
    sign: (timestamp, nonce, encrypted) => hash('sha1', [keys.token, timestamp, nonce, encrypted].toSorted().join('')),
    open: (encrypted) => unpack(decrypt(key, iv, encrypted), receiver),
    seal: (message, random) => encrypt(key, iv, pack(message, random, receiver)),
  }
}

/** Takes the same time for every `given`, whatever its length and content. */
export function isSameSignature(given: string | undefined, right: string): boolean {
  const padded = Buffer.alloc(right.length)
  padded.write(given ?? '', 'latin1')
  return timingSafeEqual(padded, Buffer.from(right, 'latin1')) && given?.length === right.length
}

// The vendor pads to 32 bytes; the platform's own padding stops at 16, so it is off in both directions.
function decrypt(key: KeyObject, iv: Buffer, encrypted: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([decipher.update(encrypted), decipher.final()])
}

function encrypt(key: KeyObject, iv: Buffer, plain: Buffer): string {
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64')
}

/** random(16) | length of the message (uint32 big-endian) | message | receiver | padding. */
function pack(message: string, random: Uint8Array, receiver: Buffer): Buffer {
  const text = Buffer.from(message)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  const bare = HEAD + text.length + receiver.length
  const pad = BLOCK - (bare % BLOCK)
  return Buffer.concat([random.subarray(0, 16), length, text, receiver, Buffer.alloc(pad, pad)])
}

function unpack(plain: Buffer, receiver: Buffer): string | undefined {
  const pad = plain.at(-1) ?? 0
  const end = plain.length - pad
  if (pad < 1 || pad > BLOCK || end < HEAD || plain.subarray(end).some((byte) => byte !== pad)) return undefined
  const messageEnd = HEAD + plain.readUInt32BE(16)
  if (messageEnd > end || !plain.subarray(messageEnd, end).equals(receiver)) return undefined
  return plain.toString('utf8', HEAD, messageEnd)
}
