import { largestBody } from './hooks.ts'

type Done = (error: Error | null, body?: unknown) => void
type Parse = (request: { readonly url: string }, body: Buffer, done: Done) => void

/** What is needed of Fastify to change how bodies are read. */
export interface BodyParsers {
  removeContentTypeParser(types: string[]): void
  addContentTypeParser(types: string | string[], options: { parseAs: 'buffer'; bodyLimit: number }, parse: Parse): void
}

const hookPath = /^\/hooks\//
const raw: Parse = (_, body, done) => done(null, body)

/**
 * Lets hooks have their bodies as the bytes they are, whatever type the sender calls them: signatures are over bytes. Of
 * other addresses JSON is read by `parseJson`, everything else stays bytes. More than 1 MiB is refused with 413 while it
 * is read. Call it before the server is ready, with Nest's own parsers off (`bodyParser: false`).
 */
export function registerRawBody(fastify: BodyParsers, parseJson: (body: Buffer) => unknown): void {
  const options = { parseAs: 'buffer', bodyLimit: largestBody } as const
  fastify.removeContentTypeParser(['application/json', 'text/plain'])
  fastify.addContentTypeParser('*', options, raw)
  fastify.addContentTypeParser('application/json', options, (request, body, done) => {
    if (hookPath.test(request.url)) return raw(request, body, done)
    try {
      done(null, parseJson(body))
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  })
}
