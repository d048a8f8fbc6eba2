import kafkajs from 'kafkajs'
import { fromLz4, fromSnappy, fromZstd } from './compression.ts'

const { CompressionCodecs, CompressionTypes } = kafkajs

/** kafkajs unpacks gzip alone, and stands still before what else others write: Go's clients use snappy unless told otherwise. */
export function unpackAll(): void {
  CompressionCodecs[CompressionTypes.Snappy] = reading(fromSnappy)
  CompressionCodecs[CompressionTypes.LZ4] = reading(fromLz4)
  CompressionCodecs[CompressionTypes.ZSTD] = reading(fromZstd)
}

const reading = (unpack: (packed: Buffer) => Buffer) => () => ({
  compress: () => Promise.reject(new Error('nothing is written like that')),
  decompress: async (packed: Buffer) => unpack(packed),
})
