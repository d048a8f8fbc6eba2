import { largestBody } from './hooks.ts'

/** A body in its bytes, as the connectors verify it. */
type Parse = (
  request: { readonly url: string },
  body: Buffer,
  done: (error: Error | null, body?: unknown) => void,
) => void

/** What is needed of Fastify. */
export interface BodyParsers {
  addContentTypeParser(type: string | string[], options: { parseAs: 'buffer'; bodyLimit: number }, parse: Parse): unknown
  removeContentTypeParser(type: string | string[]): void
  getDefaultJsonParser(
    onProto: 'error',
    onConstructor: 'error',
  ): (request: never, body: string, done: (error: Error | null, body?: unknown) => void) => void
}
