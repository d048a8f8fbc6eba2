import { Duration, HubError, Instant, isRecord, type Language, type Value, type ValueRecord } from '@shuniu/contracts'
import { compileExpression, durationText, instantText, types, type Environment } from '@shuniu/infra/expressions'
import { parseJson, writeJson } from '@shuniu/infra/json'
import { saidOf } from './failure.ts'

/** Computes an expression over values of which nothing is known before. Throws `expression.*`. */
export function evaluate(source: string, bindings: ValueRecord): Value {
  const variables = Object.fromEntries(Object.keys(bindings).map((name) => [name, types.dyn]))
  const environment: Environment = { variables, dynamic: true }
  const { expression, problems } = compileExpression(source, environment)
  if (!expression)
    throw problems[0]?.error ?? new HubError('internal.bug', { what: 'neither an expression nor a problem' })
  const value = expression.evaluate(bindings)
  if (value instanceof Promise) throw new HubError('internal.bug', { what: `${source} waits` })
  return value
}

/** The answer to one line `{"expr","bindings"}`, as one line. It always is one, whatever the line holds. */
export function answerLine(line: Uint8Array, sample: ValueRecord, language: Language): string {
  try {
    const { expr, bindings } = readLine(line)
    return `{"value":${writeJson(plainTexts(evaluate(expr, { ...sample, ...bindings })))}}`
  } catch (error) {
    const { code, message } = saidOf(error, language)
    return JSON.stringify({ error: { code, message } })
  }
}

function readLine(line: Uint8Array): { expr: string; bindings: ValueRecord } {
  const value = parseJson(line)
  const { expr, bindings = {} } = isRecord(value) ? value : {}
  if (typeof expr === 'string' && isRecord(bindings)) return { expr, bindings }
  throw new HubError('usage.bad-value', { what: 'stdin', example: '{"expr": "1 + x", "bindings": {"x": 2}}' })
}

/** Instants and lengths of time as the language itself writes them: `2026-01-05T03:30:00Z`, `90s`. */
export function plainTexts(value: Value): Value {
  if (value instanceof Instant) return instantText(value)
  if (value instanceof Duration) return durationText(value)
  if (Array.isArray(value)) return (value as readonly Value[]).map(plainTexts)
  if (!isRecord(value)) return value
  const plain: Record<string, Value> = Object.create(null)
  for (const [name, member] of Object.entries(value)) plain[name] = plainTexts(member)
  return plain
}
