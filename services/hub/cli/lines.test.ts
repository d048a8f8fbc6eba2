import { expect, test } from 'vitest'
import { linesOf } from './lines.ts'

async function linesFrom(...pieces: string[]): Promise<string[][]> {
  async function* stream(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) yield Buffer.from(piece)
  }
  const found: string[][] = []
  for await (const lines of linesOf(stream())) found.push(lines.map((line) => Buffer.from(line).toString()))
  return found
}

test('lines of a chunk come together, a line across chunks comes whole', async () => {
  expect(await linesFrom('one\ntwo\nth', 'r', 'ee\n')).toEqual([['one', 'two'], ['three']])
})

test('an empty line is a line, and the last one needs no end', async () => {
  expect(await linesFrom('a\n\nb')).toEqual([['a', ''], ['b']])
})

test('nothing is no line', async () => {
  expect(await linesFrom('')).toEqual([])
})
