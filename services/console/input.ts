import { HubError, isDecimal, type Language } from '@shuniu/contracts'
import { parseJson } from '@shuniu/infra/json'
import { z } from 'zod'

/** What a request may say, part by part. Every part is strict: an unknown field is an error, not a wish. */
export interface Asks {
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodObject
}

/** A request before it is understood. */
export interface RawRequest {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
  readonly contentType: string | undefined
}

const locales = { en: z.locales.en().localeError, zh: z.locales.zhCN().localeError }

/** Everything a request says, validated, as one record. Throws `api.invalid`, `api.media-type` or `json.…`. */
export function understand(asks: Asks, raw: RawRequest, language: Language): Record<string, unknown> {
  const parts: [z.ZodObject | undefined, unknown][] = [
    [asks.params, raw.params],
    [asks.query, withoutLanguage(raw.query)],
    [asks.body, asks.body ? bodyOf(raw) : undefined],
  ]
  const read = parts.flatMap(([schema, given]) =>
    schema ? [schema.safeParse(given ?? {}, { error: locales[language] })] : [],
  )
  const issues = read.flatMap(({ error }) => error?.issues ?? [])
  if (issues.length > 0) throw new HubError('api.invalid', { problems: issues.slice(0, 10).map(sentenceOf).join('; ') })
  return Object.assign({}, ...read.map(({ data }) => data))
}

/** A body that came as bytes is read without loss; one that the server has parsed is taken as it is. */
function bodyOf({ body, contentType }: RawRequest): unknown {
  if (body === undefined || body === null || (body instanceof Uint8Array && body.length === 0)) return {}
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(contentType ?? '')) throw new HubError('api.media-type')
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return body
  return parseJson(body)
}

/** `?lang=` belongs to every request. */
function withoutLanguage(query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return query
  const { lang: _, ...rest } = query as { lang?: unknown }
  return rest
}

function sentenceOf({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}

/** Text that people and programs write: bounded, without control characters. */
export const text = (description: string, most = 200) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}]*$/u)
    .meta({ description })

/** A row's id in an address. */
export const rowId = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)

export const reason = text('Why; kept in the audit log', 500)
export const actor = text('Who decides; kept in the audit log', 100).default('api')

/** A whole number in a JSON body: the lossless reader gives it as a decimal. */
export const whole = (least: number, most: number) =>
  z
    .unknown()
    .transform((given) => (isDecimal(given) ? Number(given.toString()) : given))
    .pipe(z.int().min(least).max(most))
    .meta({ type: 'integer', minimum: least, maximum: most })

/** Any JSON object, as the lossless reader gives it. */
export const jsonObject = z.record(z.string(), z.unknown())
