import type { IncomingMessage } from 'node:http'
import type { SimRequest } from './simulator.ts'

const MAX_BODY = 10 * 1024 * 1024

/** Why a request never became complete. */
export type Incomplete = 'too large' | 'aborted'

/** Reads the whole body (at most 10 MB). */
export function readRequest(message: IncomingMessage, root: string): Promise<SimRequest | Incomplete> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    message.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > MAX_BODY) {
        message.pause()
        resolve('too large')
      } else chunks.push(chunk)
    })
    message.on('end', () => resolve(simRequest(message, root, chunks)))
    message.on('error', () => resolve('aborted'))
    message.on('close', () => resolve('aborted'))
  })
}

function simRequest(message: IncomingMessage, root: string, chunks: Buffer[]): SimRequest {
  const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
  const url = URL.parse(message.url ?? '/', root) ?? new URL(root)
  let text: string | undefined
  return {
    method: message.method ?? 'GET',
    url,
    path: url.pathname,
    headers: message.headers,
    body,
    get text() {
      return (text ??= body.toString('utf8'))
    },
  }
}
