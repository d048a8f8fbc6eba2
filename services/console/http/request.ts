import type { IncomingHttpHeaders } from 'node:http'
import type { Language } from '@shuniu/contracts'
import type { Caller } from '../access.ts'
import { languageOf } from '../speech.ts'

/** What the API uses of a request of Fastify. */
export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
  /** The project's language; the guard puts it here. */
  fallback?: Language
  /** Who asks; the guard puts it here. */
  caller?: Caller
  readonly raw: { readonly socket: { readonly remoteAddress?: string } }
}

/** What it uses of a reply. */
export interface HttpReply {
  status(code: number): HttpReply
  header(name: string, value: string): HttpReply
  send(body: unknown): unknown
}

export function languageFor(request: Pick<HttpRequest, 'query' | 'headers'>, fallback: Language): Language {
  const { query } = request
  const asked = typeof query === 'object' && query !== null && 'lang' in query ? query.lang : undefined
  return languageOf(asked, request.headers['accept-language'], fallback)
}

/** Of every answer: nothing is cached, guessed, framed or run. */
export function harden(reply: HttpReply): void {
  reply.header('cache-control', 'no-store')
  reply.header('x-content-type-options', 'nosniff')
  reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  reply.header('referrer-policy', 'no-referrer')
}
