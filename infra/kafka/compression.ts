import { zstdDecompressSync } from 'node:zlib'

/** A batch that says it is larger than this when it is unpacked is none that a broker takes. */
const largest = 256 * 1024 * 1024

/** Unpacked bytes, growing; what follows may be a copy of what came before. */
class Output {
  private bytes: Buffer
  private length = 0

  constructor(expected: number) {
    this.bytes = Buffer.allocUnsafe(Math.min(expected, largest))
  }

  append(part: Uint8Array): void {
    this.reserve(part.length)
    this.bytes.set(part, this.length)
    this.length += part.length
  }

  /** Byte by byte: a copy may reach into itself. */
  copy(distance: number, count: number): void {
    if (distance === 0 || distance > this.length) throw new RangeError('a copy of what is not there')
    this.reserve(count)
    for (let at = 0; at < count; at++, this.length++) this.bytes[this.length] = this.bytes[this.length - distance] ?? 0
  }

  end(): Buffer {
    return this.bytes.subarray(0, this.length)
  }

  private reserve(count: number): void {
    const needed = this.length + count
    if (needed > largest) throw new RangeError('too large')
    if (needed <= this.bytes.length) return
    const grown = Buffer.allocUnsafe(Math.min(largest, Math.max(needed, this.bytes.length * 2)))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }
}

const xerial = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])

/** Snappy as Kafka's clients write it: one block, or, by Java, blocks behind a header (each with its length, big-endian). */
export function fromSnappy(packed: Buffer): Buffer {
  if (!packed.subarray(0, xerial.length).equals(xerial)) return snappyBlock(packed)
  const blocks: Buffer[] = []
  for (let at = xerial.length + 8; at < packed.length;) {
    const from = at + 4
    at = from + packed.readUInt32BE(at)
    blocks.push(snappyBlock(packed.subarray(from, at)))
  }
  return Buffer.concat(blocks)
}

/** google/snappy, format_description.txt: the length, then literals and copies by the two lowest bits of their tags. */
function snappyBlock(block: Buffer): Buffer {
  let [at, length, shift] = [0, 0, 0]
  for (let more = true; more; shift += 7) {
    const byte = block.readUInt8(at++)
    length += (byte & 0x7f) * 2 ** shift
    more = byte >= 0x80
  }
  const output = new Output(length)
  while (at < block.length) {
    const tag = block.readUInt8(at++)
    const kind = tag & 3
    if (kind === 0) {
      const short = (tag >> 2) + 1
      const bytes = short > 60 ? short - 60 : 0
      const count = bytes > 0 ? block.readUIntLE(at, bytes) + 1 : short
      output.append(slice(block, at + bytes, count))
      at += bytes + count
    } else if (kind === 1) {
      output.copy(((tag >> 5) << 8) | block.readUInt8(at), ((tag >> 2) & 7) + 4)
      at += 1
    } else {
      const bytes = kind === 2 ? 2 : 4
      output.copy(block.readUIntLE(at, bytes), (tag >> 2) + 1)
      at += bytes
    }
  }
  return output.end()
}

/** lz4/lz4, lz4_Frame_format.md: a header, blocks that may copy from those before, no check of checksums: Kafka has its own. */
export function fromLz4(packed: Buffer): Buffer {
  if (packed.readUInt32LE(0) !== 0x184d2204) throw new RangeError('no frame of LZ4')
  const flags = packed.readUInt8(4)
  const has = (bit: number): boolean => (flags & bit) !== 0
  let at = 6 + (has(0x08) ? 8 : 0) + (has(0x01) ? 4 : 0) + 1
  const output = new Output(packed.length * 4)
  for (;;) {
    const size = packed.readUInt32LE(at)
    if (size === 0) return output.end()
    const block = slice(packed, at + 4, size & 0x7fffffff)
    if (size > 0x7fffffff) output.append(block)
    else lz4Block(block, output)
    at += 4 + block.length + (has(0x10) ? 4 : 0)
  }
}

/** lz4_Block_format.md: literals, then a copy; the last one has literals alone. */
function lz4Block(block: Buffer, output: Output): void {
  let at = 0
  const lengthFrom = (nibble: number): number => {
    let length = nibble
    for (let byte = nibble === 15 ? 255 : 0; byte === 255; length += byte) byte = block.readUInt8(at++)
    return length
  }
  while (at < block.length) {
    const token = block.readUInt8(at++)
    const count = lengthFrom(token >> 4)
    output.append(slice(block, at, count))
    at += count
    if (at >= block.length) return
    const distance = block.readUInt16LE(at)
    at += 2
    output.copy(distance, lengthFrom(token & 15) + 4)
  }
}

export function fromZstd(packed: Buffer): Buffer {
  return zstdDecompressSync(packed, { maxOutputLength: largest })
}

function slice(bytes: Buffer, from: number, count: number): Buffer {
  if (from + count > bytes.length) throw new RangeError('it ends too early')
  return bytes.subarray(from, from + count)
}
