import { HubError, type Language } from '@shuniu/contracts'
import { failureOf } from './failure.ts'
import type { Caller } from './registry.ts'
import { routeOf, type Around } from './routes.ts'

/** A request as it came, without the server it came through. */
export interface RegistryRequest {
  readonly method: string
  /** Path behind `/registry`, as it was written, and the query. */
  readonly path: string
  readonly contentType: string | undefined
  readonly accept: string | undefined
  readonly body: Uint8Array
  readonly language: Language
  /** Who asks; rejects for whom nothing is answered. */
  caller(): Promise<Caller>
}

export interface RegistryAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface RegistryDesk extends Around {
  /** The operators' log: surprises go there, never into an answer. */
  report(error: unknown, path: string): void
}

/** The types this API speaks; the first is what a client gets that does not say. */
const types = ['application/vnd.schemaregistry.v1+json', 'application/vnd.schemaregistry+json', 'application/json']

/** Answers a request as Confluent's registry would. Never throws. */
export async function answerRegistry(desk: RegistryDesk, request: RegistryRequest): Promise<RegistryAnswer> {
  const type = types.find((one) => request.accept?.includes(one)) ?? types[0] ?? ''
  const reply = (status: number, body: unknown, more: Record<string, string> = {}): RegistryAnswer => {
    return { status, headers: { 'content-type': type, ...more }, body: JSON.stringify(body) }
  }
  try {
    return reply(200, await answered(desk, request))
  } catch (error) {
    if (!(error instanceof HubError)) desk.report(error, request.path)
    const known = error instanceof HubError ? error : new HubError('registry.not-kept', {}, { cause: error })
    const { status, body } = failureOf(known, request.language)
    return reply(status, body, status === 401 ? { 'www-authenticate': 'Basic realm="shuniu"' } : {})
  }
}

async function answered(desk: RegistryDesk, request: RegistryRequest): Promise<unknown> {
  const caller = await request.caller()
  const [path = '', query = ''] = request.path.split('?')
  const { route, at } = routeOf(request.method, path)
  const parts = Object.fromEntries(Object.entries(at).map(([name, part]) => [name, decoded(part)]))
  const ask = { at: parts, query: new URLSearchParams(query), body: bodyOf(request), caller }
  if (route.changes === true && !caller.mayRegister) {
    throw new HubError('registry.not-permitted', { subject: parts['subject'] ?? 'all subjects' })
  }
  return route.answer(desk, ask)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function bodyOf({ method, contentType = types[0] ?? '', body }: RegistryRequest): Record<string, unknown> {
  if (method === 'GET' || body.length === 0) return {}
  const [type = ''] = contentType.split(';')
  if (![...types, 'application/octet-stream'].includes(type.trim().toLowerCase())) {
    throw new HubError('registry.media-type', { types: types.join(', ') })
  }
  try {
    const read: unknown = JSON.parse(Buffer.from(body).toString())
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return { ...read }
  } catch {
    // Said below, with everything else that is no object.
  }
  throw new HubError('registry.body')
}
