import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

/** What both sides of the HTTP push know (dingtalk.md §2.1). */
export interface CallbackKeys {
  /** 3–32 letters or digits; part of every signature. */
  readonly token: string
  /** EncodingAESKey: exactly 43 letters or digits. */
  readonly aesKey: string
  /** The tail id: the Client ID for app-level events, the corpId for the old registration API. */
  readonly receiveId: string
}

/** A text the cipher refuses, with the code the vendor's own libraries use. */
export class CipherError extends Error {
  readonly code: 900004 | 900008 | 900009 | 900010

  constructor(code: CipherError['code'], message: string) {
    super(message)
    this.code = code
  }
}

const BLOCK = 32
const AES_BLOCK = 16
const HEAD = 20

/** Lower-case hex SHA-1 over the four strings in code-unit order. */
export function signature(token: string, timestamp: string, nonce: string, encrypted: string): string {
  const sorted = [token, timestamp, nonce, encrypted].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return createHash('sha1').update(sorted.join('')).digest('hex')
}

/** base64 of AES-256-CBC over `random(16) | length | message | receiveId`, padded to 32. */
export function encrypt(message: string, { aesKey, receiveId }: CallbackKeys, random = randomBytes(16)): string {
  const key = keyBytes(aesKey)
  const text = Buffer.from(message)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  const plain = Buffer.concat([random, length, text, Buffer.from(receiveId)])
  const padding = BLOCK - (plain.length % BLOCK)
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, AES_BLOCK)).setAutoPadding(false)
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(padding, padding)), cipher.final()]).toString(
    'base64',
  )
}

/** The message inside; throws `CipherError` when the text is not whole or is meant for somebody else. */
export function decrypt(encrypted: string, { aesKey, receiveId }: CallbackKeys): string {
  const plain = unpad(decipher(Buffer.from(encrypted, 'base64'), keyBytes(aesKey)))
  if (plain.length < HEAD) throw new CipherError(900009, 'the text is too short')
  const end = HEAD + plain.readUInt32BE(AES_BLOCK)
  if (end > plain.length) throw new CipherError(900009, 'the length field points behind the text')
  if (plain.toString('utf8', end) !== receiveId) throw new CipherError(900010, 'the text is meant for another id')
  return plain.toString('utf8', HEAD, end)
}

function keyBytes(aesKey: string): Buffer {
  // Node's base64 decoder skips what it does not know, so the characters are checked here.
  if (!/^[A-Za-z0-9]{43}$/.test(aesKey)) throw new CipherError(900004, 'the AES key is not 43 letters and digits')
  return Buffer.from(`${aesKey}=`, 'base64')
}

function decipher(bytes: Buffer, key: Buffer): Buffer {
  if (bytes.length === 0 || bytes.length % AES_BLOCK !== 0) {
    throw new CipherError(900008, 'the ciphertext is not made of whole blocks')
  }
  const cipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, AES_BLOCK)).setAutoPadding(false)
  return Buffer.concat([cipher.update(bytes), cipher.final()])
}

function unpad(plain: Buffer): Buffer {
  const padding = plain.at(-1) ?? 0
  const tail = plain.subarray(-padding)
  if (padding < 1 || padding > BLOCK || tail.length !== padding || tail.some((byte) => byte !== padding)) {
    throw new CipherError(900008, 'the padding is damaged')
  }
  return plain.subarray(0, -padding)
}
