import { Decimal, HubError, Instant, isRecord, type Text, type Value } from '@shuniu/contracts'
import { packValue, unpackValue } from '@shuniu/infra/json'

/** Why a receipt is parked, as its row keeps it: `{ code, message: { en, zh } }`. */
export function detailOf(error: HubError): string {
  return parkDetail(error.code, { en: error.say('en'), zh: error.say('zh') })
}

export function parkDetail(code: string, { en, zh }: Text): string {
  return packValue({ code, message: { en, zh } })
}

/** What the row of a receipt that is not understood yet remembers from one attempt to the next. */
export interface Memory {
  /** Why it was not understood at the last attempt. */
  readonly because?: string
  /** Since when what was read disagrees with what was handed over. */
  readonly disagreesSince?: Instant
  /** A person has let it through although its document was made without us. */
  readonly released?: boolean
  /** Lives of the hub that have begun an attempt and written down no end of it. */
  readonly lives?: number
}

export function packMemory({ because, disagreesSince, released, lives }: Memory): string {
  const kept: Record<string, Value> = {}
  if (because !== undefined) kept['because'] = because
  if (disagreesSince) kept['disagreesSince'] = disagreesSince
  if (released) kept['released'] = true
  if (lives !== undefined) kept['lives'] = new Decimal(String(lives))
  return packValue(kept)
}

export function unpackMemory(detail: string | null): Memory {
  const kept = detail === null ? {} : unpackValue(detail)
  if (!isRecord(kept)) return {}
  const { because, disagreesSince, released, lives } = kept
  return {
    ...(typeof because === 'string' ? { because } : {}),
    ...(disagreesSince instanceof Instant ? { disagreesSince } : {}),
    ...(released === true ? { released } : {}),
    ...(lives instanceof Decimal ? { lives: Number(lives.toString()) } : {}),
  }
}

/** A surprise as an error that a person can be shown. */
export function surprise(error: unknown): HubError {
  return error instanceof HubError ? error : new HubError('internal.bug', { what: messageOf(error) }, { cause: error })
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
