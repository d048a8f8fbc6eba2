import { HubError, type ErrorCode, type Language } from '@shuniu/contracts'

/** The numbers of Confluent's registry for what can go wrong; clients decide by them. Anything else is 50001. */
const numbers: Partial<Record<ErrorCode, number>> = {
  'registry.no-subject': 40401,
  'registry.no-version': 40402,
  'registry.no-schema': 40403,
  'registry.subject-deleted': 40404,
  'registry.subject-not-deleted': 40405,
  'registry.version-deleted': 40406,
  'registry.version-not-deleted': 40407,
  'registry.no-config': 40408,
  'registry.no-mode': 40409,
  'registry.invalid-schema': 42201,
  'registry.invalid-version': 42202,
  'registry.invalid-level': 42203,
  'registry.invalid-mode': 42204,
  'registry.not-permitted': 42205,
  'registry.read-only': 42205,
  'registry.incompatible': 409,
  'registry.no-route': 404,
  'registry.method': 405,
  'registry.media-type': 415,
  'registry.body': 400,
}

const ofTheStore = 50_001

/** The body and status of a refusal, as a stock client reads them: what is wrong, then what to do. */
export function failureOf(
  error: HubError,
  language: Language,
): { status: number; body: { error_code: number; message: string } } {
  const known = numbers[error.code] ?? (error.code.startsWith('api.') ? error.status : undefined)
  const message = `${error.say(language)} ${error.help(language)}`
  return { status: known === undefined ? 500 : error.status, body: { error_code: known ?? ofTheStore, message } }
}
