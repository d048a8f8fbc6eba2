import { connect } from 'node:net'
import { pause } from '../processes/pause.ts'

/** What came back, and how long the other side kept the connection, ms. */
export interface Heard {
  readonly text: string
  /** 0 when it was closed without an answer. */
  readonly status: number
  readonly after: number
}

export interface Wiring {
  /** ms between two pieces. */
  readonly every?: number
  /** An address of this machine to come from; Linux has all of 127.0.0.0/8. */
  readonly from?: string
}

/** Writes bytes to a port as they are, piece by piece, and hears until the other side closes. */
export function wire(url: string, pieces: Iterable<string | Buffer>, { every = 0, from }: Wiring = {}): Promise<Heard> {
  const { hostname, port } = new URL(url)
  const began = Date.now()
  const { promise, resolve } = Promise.withResolvers<Heard>()
  const socket = connect({ host: hostname, port: Number(port), ...(from ? { localAddress: from } : {}) })
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  // What it refuses it may also reset while we are still writing.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0)
    resolve({ text, status, after: Date.now() - began })
  })
  void write()
  return promise

  async function write(): Promise<void> {
    for (const piece of pieces) {
      if (socket.destroyed) return
      if (!socket.write(piece)) await new Promise<void>((go) => (socket.once('drain', go), socket.once('close', go)))
      if (every > 0) await pause(every)
    }
  }
}

/** A request with these lines and an end of the connection behind it. */
export const request = (line: string, headers: readonly string[] = [], body = ''): string =>
  [`${line} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close', ...headers, '', body].join('\r\n')
