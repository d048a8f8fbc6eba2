import { catalogue, type ErrorCode } from './catalogue.ts'
import type { Language } from './words.ts'

export type ErrorParameters = Readonly<Record<string, string | number | undefined>>

/** Where in a file the user wrote what is wrong. Lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/**
 * An expected failure: a stable code whose sentence, help and HTTP status stand in the catalogue, filled with parameters.
 * Parameters never hold secrets. `cause` is for us, not for the user.
 */
export class HubError extends Error {
  override readonly name = 'HubError'

  constructor(
    readonly code: ErrorCode,
    readonly parameters: ErrorParameters = {},
    readonly options: { cause?: unknown; place?: Place } = {},
  ) {
    super(fill(catalogue[code].message.en, parameters), options.cause === undefined ? {} : { cause: options.cause })
  }

  get place(): Place | undefined {
    return this.options.place
  }

  get status(): number {
    return catalogue[this.code].status
  }

  /** The sentence for the user: what, and where. */
  say(language: Language): string {
    return fill(catalogue[this.code].message[language], this.parameters)
  }

  /** What to do about it. */
  help(language: Language): string {
    const help = catalogue[this.code].help[language]
    return fill(this.parameters['nearest'] === '' ? withoutGuess(help) : help, this.parameters)
  }
}

/** A help whose guess could not be made: there was nothing to guess among. */
function withoutGuess(help: string): string {
  const sentences = help.match(/.+?(?:[.?;](?:\s+|$)|[。？；]|$)/g) ?? []
  return sentences
    .filter((sentence) => !sentence.includes('{nearest}'))
    .join('')
    .trim()
}

/** Puts parameters into `{name}` places; an unknown place stays as it is written. */
export function fill(template: string, parameters: ErrorParameters): string {
  return template.replace(/\{(\w+)\}([.。]?)/g, (place, name: string, stop: string) => {
    const value = parameters[name] === undefined ? undefined : String(parameters[name])
    // The words of others often are whole sentences: one stop is enough.
    return value === undefined ? place : /[.。!！?？]$/.test(value) ? value : value + stop
  })
}

/** A problem found by a check: an error's code and text, and how grave it is. Checks report all problems at once. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  readonly error: HubError
}

export function problem(
  code: ErrorCode,
  parameters: ErrorParameters,
  place?: Place,
  severity: Problem['severity'] = 'error',
): Problem {
  return { severity, error: new HubError(code, parameters, place ? { place } : {}) }
}
