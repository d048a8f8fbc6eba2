import { Decimal } from '../values.ts'

/** Digits after the point that the value needs. */
export function scaleOf(value: Decimal): number {
  return Math.max(0, value.c.length - 1 - value.e)
}

/** Digits that the value needs when it is written with `scale` digits after the point. */
export function precisionOf(value: Decimal, scale: number): number {
  return isZero(value) ? 1 : value.e + 1 + scale
}

/** Avro's `decimal`: the number without its point, two's complement, most significant byte first, no byte too many. */
export function decimalToBytes(value: Decimal, scale: number): Buffer {
  const zeros = scale - (value.c.length - 1 - value.e)
  const digits = value.c.join('') + '0'.repeat(isZero(value) ? 0 : zeros)
  const text = value.s < 0 ? `-${digits}` : digits
  return digits.length <= sixBytes ? shortTwosComplement(Number(text)) : twosComplement(BigInt(text))
}

/**
 * The value of Avro's `decimal`; undefined when it is not one of this precision. Some writers pad with sign bytes,
 * so these are cut off first; what is longer then cannot be of this precision and is not turned into a number.
 */
export function decimalFromBytes(written: Buffer, precision: number, scale: number): Decimal | undefined {
  const bytes = withoutPadding(written)
  if (bytes.length === 0 || bytes.length > (precision * Math.log2(10) + 1) / 8 + 1) return undefined
  const unscaled = readInteger(bytes).toString()
  const negative = unscaled.startsWith('-')
  const digits = negative ? unscaled.slice(1) : unscaled
  if (digits.length > precision) return undefined
  const padded = digits.padStart(scale + 1, '0')
  const point = padded.length - scale
  return new Decimal(`${negative ? '-' : ''}${padded.slice(0, point)}${scale > 0 ? '.' : ''}${padded.slice(point)}`)
}

/** Six bytes are exact as a number, and nearly every amount has no more. */
function readInteger(bytes: Buffer): number | bigint {
  if (bytes.length <= 6) return bytes.readIntBE(0, bytes.length)
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))
}

function isZero(value: Decimal): boolean {
  return value.c[0] === 0
}

function withoutPadding(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && isPadding(bytes.readInt8(start), bytes.readInt8(start + 1))) start++
  return start === 0 ? bytes : bytes.subarray(start)
}

/** A byte of nothing but sign, before one that says the same sign. */
function isPadding(byte: number, next: number): boolean {
  return (byte === 0 && next >= 0) || (byte === -1 && next < 0)
}

/** Digits that always fit into the six bytes a number is written in exactly; nearly every amount has no more. */
const sixBytes = 14

function shortTwosComplement(value: number): Buffer {
  let length = 1
  for (let bound = 2 ** 7; value >= bound || value < -bound; bound *= 256) length++
  const bytes = Buffer.allocUnsafe(length)
  bytes.writeIntBE(value, 0, length)
  return bytes
}

function twosComplement(value: bigint): Buffer {
  let length = 1
  while (BigInt.asIntN(length * 8, value) !== value) length++
  const bytes = Buffer.alloc(length)
  for (let at = length - 1, rest = value; at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 0xffn)
  return bytes
}
