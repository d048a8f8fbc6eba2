const lineEnd = 0x0a

/** The lines of a stream of bytes, as many at once as have arrived; the last one needs no line end. */
export async function* linesOf(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array[]> {
  let rest: Uint8Array[] = []
  for await (const piece of stream) {
    const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece
    const lines: Uint8Array[] = []
    let from = 0
    for (let end = chunk.indexOf(lineEnd); end !== -1; end = chunk.indexOf(lineEnd, from)) {
      const line = chunk.subarray(from, end)
      lines.push(rest.length === 0 ? line : Buffer.concat([...rest, line]))
      rest = []
      from = end + 1
    }
    if (from < chunk.length) rest.push(Uint8Array.prototype.slice.call(chunk, from))
    if (lines.length > 0) yield lines
  }
  if (rest.length > 0) yield [Buffer.concat(rest)]
}
