import { STATUS_CODES } from 'node:http'
import { HubError, type Language } from '@shuniu/contracts'
import { maskText } from '@shuniu/infra/telemetry'

/** An error as RFC 9457 says it, with our code and what to do. */
export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly help: string
  readonly lang: Language
  /** The same for each of several things that are wrong at once. */
  readonly problems?: readonly { readonly code: string; readonly detail: string; readonly help: string }[]
}

export const problemType = 'application/problem+json; charset=utf-8'

/** The answer for an error: its sentences, never its stack or the cause that is meant for us. */
export function problemOf(error: HubError, language: Language): ProblemDocument {
  const { code, status } = error
  const inside = error.options.cause instanceof AggregateError ? error.options.cause.errors : []
  const problems = inside.filter((one) => one instanceof HubError).map((one) => sentencesOf(one, language))
  return {
    type: `urn:shuniu:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    ...sentencesOf(error, language),
    lang: language,
    ...(problems.length > 0 ? { problems } : {}),
  }
}

function sentencesOf(error: HubError, language: Language): { code: string; detail: string; help: string } {
  return { code: error.code, detail: maskText(error.say(language)), help: maskText(error.help(language)) }
}
