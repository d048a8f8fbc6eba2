import { catalogue, fill, HubError, type ErrorCode, type Language, type Place, type Text } from '@shuniu/contracts'
import { CallFailure } from '@shuniu/infra/outbound'
import type { ConnectorDefinition } from '@shuniu/sdk'
import type { Screen } from './screen.ts'

/** How a command ends (conventions: 4.9). */
export const exits = { fine: 0, failed: 1, changes: 2, usage: 64, unavailable: 69, interrupted: 130 } as const

/** What the API of a hub refused, in its own words. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'

  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    readonly help: string,
  ) {
    super(message)
  }
}

/** An error as people and programs get it: never a stack, never a secret. */
export interface Said {
  readonly code: string
  readonly message: string
  readonly help: string
  readonly place?: Place
}

export function saidOf(error: unknown, language: Language, connector?: ConnectorDefinition): Said {
  if (error instanceof HubError) {
    const { code, place } = error
    return { code, message: error.say(language), help: error.help(language), ...(place ? { place } : {}) }
  }
  if (error instanceof ApiFailure) return { code: error.code, message: error.message, help: error.help }
  if (error instanceof CallFailure) return saidOfCall(error, language, connector)
  const bug = new HubError('internal.bug', { what: error instanceof Error ? error.message : String(error) })
  return { code: bug.code, message: bug.say(language), help: bug.help(language) }
}

/** A system's own failures stand in its connector's declaration, those of the way out in the catalogue. */
function saidOfCall({ code, message }: CallFailure, language: Language, connector?: ConnectorDefinition): Said {
  const prefix = connector ? `${connector.name}.` : undefined
  const rule = prefix && code.startsWith(prefix) ? connector?.failures[code.slice(prefix.length)] : undefined
  const help: Text | undefined = rule?.help ?? (isOurs(code) ? catalogue[code].help : undefined)
  const sentence = rule ? fill(rule.message[language], { message }) : message
  return { code, message: sentence, help: help?.[language] ?? '' }
}

const isOurs = (code: string): code is ErrorCode => Object.hasOwn(catalogue, code)

const unavailable: ReadonlySet<string> = new Set([
  'cli.no-hub',
  'cli.no-answer',
  'cli.not-a-hub',
  'api.other-project',
  'log.unreachable',
  'store.unreachable',
])

export function exitOf(error: unknown): number {
  if (!(error instanceof HubError || error instanceof ApiFailure)) return exits.failed
  if (error.code.startsWith('usage.') || error.code.startsWith('option.') || error.code === 'cli.unknown-simulator')
    return exits.usage
  return unavailable.has(error.code) ? exits.unavailable : exits.failed
}

/** Shows an error and every error it gathers, and says how to end. */
export function report(screen: Screen, error: unknown, connector?: ConnectorDefinition): number {
  const inner = error instanceof HubError && error.cause instanceof AggregateError ? error.cause.errors : []
  const said = saidOf(error, screen.language, connector)
  const each = inner.map((one) => saidOf(one, screen.language))
  if (screen.json) screen.data({ error: each.length > 0 ? { ...said, errors: each } : said })
  for (const one of [...each, said]) talkOf(screen, one)
  return exitOf(error)
}

function talkOf(screen: Screen, { code, message, help, place }: Said): void {
  const where = place ? `${textOfPlace(place)}  ` : ''
  screen.talk(`${where}${screen.paint('red', code, 'err')}  ${message}`)
  if (help !== '') screen.talk(`  → ${help}`)
}

export const textOfPlace = ({ file, line, column }: Place): string => `${file}:${line}:${column}`
