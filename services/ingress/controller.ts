import { All, Controller, Inject, Req, Res } from '@nestjs/common'
import { Hooks, type IncomingHook } from './hooks.ts'

/** What is needed of a request and a reply of Fastify. */
export interface HookHttpRequest {
  readonly method: string
  /** Path and query, as they came. */
  readonly url: string
  readonly query: unknown
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Bytes, by `registerRawBody`. */
  readonly body: unknown
}
export interface HookHttpReply {
  status(code: number): HookHttpReply
  headers(values: Readonly<Record<string, string>>): HookHttpReply
  send(body: string): unknown
}

@Controller('hooks')
export class HooksController {
  constructor(@Inject(Hooks) private readonly hooks: Hooks) {}

  @All('*')
  async take(@Req() request: HookHttpRequest, @Res() reply: HookHttpReply): Promise<void> {
    const { status, headers, body } = await this.hooks.answer(incomingHook(request))
    reply.status(status).headers(headers).send(body)
  }
}

/** `/hooks/<connection>/<hook>?…`; a parameter that comes twice counts as missing: nobody could say which is meant. */
export function incomingHook({ method, url, query, headers, body }: HookHttpRequest): IncomingHook {
  const [path = ''] = url.split('?')
  const [connection = '', ...hook] = path.replace(/^\/hooks\//, '').split('/')
  return {
    connection,
    hook: hook.join('/'),
    method,
    query: textsOf(query),
    headers,
    body: body instanceof Uint8Array ? body : new Uint8Array(),
  }
}

function textsOf(query: unknown): Record<string, string> {
  if (typeof query !== 'object' || query === null) return {}
  return Object.fromEntries(
    Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
