import { Day, Duration, HubError, Instant, isDecimal } from '@shuniu/contracts'
import { maskText } from './mask.ts'

const LONGEST_TEXT = 1000
const LONGEST_LIST = 20
const DEEPEST_CAUSE = 5

/** Names under which secrets and whole messages travel; what they hold is never written. */
const DENIED =
  /^(?:headers?|body|payload|query|url|cookies?|raw|.*(?:authorization|password|passwd|secret|token|session|api_?key|credential).*)$/i
/** Names of the line itself. */
const OURS: ReadonlySet<string> = new Set(['time', 'level', 'code'])

/** Replaces secrets in a text. */
type Hide = (text: string) => string

/**
 * What may be written of a log line's fields: scalars, short lists of them, and errors rebuilt as code and words.
 * Objects (header maps, bodies, drivers' errors) and fields with a telling name are left out, persons' numbers masked.
 */
export function cleanFields(fields: Readonly<Record<string, unknown>>, hide: Hide): Record<string, unknown> {
  const clean: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue
    clean[OURS.has(name) ? `${name}_` : name] = DENIED.test(name) ? '***' : cleanValue(value, hide)
  }
  return clean
}

function cleanValue(value: unknown, hide: Hide): unknown {
  if (Array.isArray(value)) return value.slice(0, LONGEST_LIST).map((item: unknown) => cleanItem(item, hide))
  return cleanItem(value, hide)
}

function cleanItem(value: unknown, hide: Hide): unknown {
  if (typeof value === 'string') return cleanText(value, hide)
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  if (value instanceof Error) return cleanError(value, hide, DEEPEST_CAUSE)
  if (typeof value === 'bigint' || isDecimal(value)) return value.toString()
  if (value instanceof Day || value instanceof Instant || value instanceof Duration) return value.toString()
  return Array.isArray(value) ? '[list]' : `[${typeof value}]`
}

/** Hides before it cuts: half a secret is one too. */
function cleanText(text: string, hide: Hide): string {
  const clean = maskText(hide(text))
  return clean.length > LONGEST_TEXT ? `${clean.slice(0, LONGEST_TEXT)}…` : clean
}

/** Rebuilds an error: an error object itself may hold headers, bodies and sockets. Stacks only of surprises. */
function cleanError(error: Error, hide: Hide, depth: number): Record<string, unknown> {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  const expected = error instanceof HubError || 'failureClass' in error
  return {
    code,
    message: cleanText(error.message, hide),
    ...(expected ? {} : { stack: framesOf(error) }),
    ...(error.cause instanceof Error && depth > 0 ? { cause: cleanError(error.cause, hide, depth - 1) } : {}),
  }
}

/** Where it was thrown, without the message that heads a stack. */
function framesOf(error: Error): string[] {
  const lines = error.stack?.split('\n') ?? []
  return lines
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim())
}
