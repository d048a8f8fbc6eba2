import type { SimAnswer, SimRequest } from '@shuniu/sdk/simulator'
import type { z } from 'zod'
import { badParameter } from './answers.ts'
import type { Style } from './answers.ts'

/** One call of the vendor. */
export interface Route {
  /** `METHOD /path`. */
  readonly at: string
  /** The operation faults are put on. */
  readonly operation: string
  readonly style: Style
  /** Needs no token. */
  readonly open: boolean
  /** Counts against the monthly quota (dingtalk.md §8). */
  readonly counted: boolean
  /** The permission it needs. */
  readonly scope?: string
  /** What a query answers when it finds nothing. */
  readonly empty?: () => SimAnswer
  run(request: SimRequest): Promise<SimAnswer>
}

interface RouteOptions<Input> {
  readonly at: string
  readonly operation: string
  readonly open?: boolean
  readonly counted?: boolean
  readonly scope?: string
  readonly empty?: () => SimAnswer
  readonly input: z.ZodType<Input>
  run(input: Input, request: SimRequest): SimAnswer | Promise<SimAnswer>
}

/** Declares a call; `run` gets the parameters of query and body together, parsed. */
export function route<Input>({ input, run, ...options }: RouteOptions<Input>): Route {
  const style = styleOf(options.at.split(' ')[1] ?? '')
  return {
    open: false,
    counted: false,
    ...options,
    style,
    async run(request) {
      const parsed = input.safeParse(parametersOf(request))
      if (parsed.success) return run(parsed.data, request)
      const [issue] = parsed.error.issues
      return badParameter(style, `参数错误 ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
    },
  }
}

export function styleOf(path: string): Style {
  if (path.startsWith('/topapi/')) return 'topapi'
  return path === '/gettoken' || path.startsWith('/call_back/') ? 'old' : 'new'
}

function parametersOf({ url, headers, text }: SimRequest): Record<string, unknown> {
  const query = Object.fromEntries(url.searchParams)
  if (text === '') return query
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return { ...query, ...Object.fromEntries(new URLSearchParams(text)) }
  }
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? { ...query, ...body } : query
  } catch {
    return query
  }
}
