import { createCipheriv, createDecipheriv, hash, timingSafeEqual } from 'node:crypto'

/** What seals and opens pushes; what the keys need is prepared once. */
export interface Envelope {
  /** Lower-case hex SHA-1 over the sorted token, timestamp, nonce and encrypted text (dingtalk.md §2.1). */
  sign(timestamp: string, nonce: string, encrypted: string): string
  /** The message for us; undefined when the padding, the length or the receiver is wrong. `encrypted` is whole blocks of 16. */
  open(encrypted: Buffer): string | undefined
  /** `random` = 16 bytes. Base64. */
  seal(message: string, random: Uint8Array): string
}

const BLOCK = 32
const HEAD = 20

export function openEnvelope(keys: { token: string; aesKey: string; receiveId: string }): Envelope {
  const key = Buffer.from(`${keys.aesKey}=`, 'base64')
  const iv = key.subarray(0, 16)
  const receiver = Buffer.from(keys.receiveId)
  // One cipher for all messages costs a third of one for each. It chains them, which only changes how the first block of a
  // message comes out: 16 random bytes that nobody reads. The vendor pads to 32 bytes, the platform's own padding stops at
  // 16: it is off in both directions, so that whole blocks go in and the same number comes out at once.
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return {
    sign: (timestamp, nonce, encrypted) => hash('sha1', [keys.token, timestamp, nonce, encrypted].toSorted().join('')),
    open: (encrypted) => unpack(decipher.update(encrypted), receiver),
    seal: (message, random) => cipher.update(pack(message, random, receiver)).toString('base64'),
  }
}

/** A signature of SHA-1 in hex. */
const signatureLength = 40
const padded = Buffer.alloc(signatureLength)
const rightful = Buffer.alloc(signatureLength)

/** Takes the same time for every `given`, whatever its length and content. `right`: 40 characters. */
export function isSameSignature(given: string | undefined, right: string): boolean {
  padded.fill(0).write(given ?? '', 'latin1')
  rightful.write(right, 'latin1')
  return timingSafeEqual(padded, rightful) && given?.length === right.length
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
