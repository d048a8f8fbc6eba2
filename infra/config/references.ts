import { resolve } from 'node:path'
import { HubError, type Problem } from '@shuniu/contracts'
import type { Scalar } from 'yaml'
import { placeIn, type YamlNode } from './node.ts'
import { reservedVariables } from './options.ts'
import { readSecretFile, reasonOf } from './text-file.ts'
import { nodeToPlain, type Plain } from './values.ts'

/** Where references are looked up. */
export interface ReferenceSources {
  /** Folder of the project: relative paths start there. */
  readonly dir: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

export interface Resolved {
  /** The settings with every reference replaced. Never logged, never returned by an API. */
  readonly value: Plain
  /** The settings as they are written: what APIs and pages show. */
  readonly asWritten: Plain
  /** What came out of references and must be masked wherever text leaves the hub. */
  readonly secrets: readonly string[]
  readonly problems: readonly Problem[]
}

const REFERENCE = /\$\{([^}]*)\}?/g
const VARIABLE = /^env:([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s
const FILE = /^file:(.+)$/s

/**
 * Replaces `${env:NAME}`, `${env:NAME:-value}` and `${file:path}` in the texts of a node, once: what a reference gives is
 * never looked at for references again. An empty variable counts as missing; the last line end of a file is not part of it.
 */
export function resolveReferences(node: YamlNode, sources: ReferenceSources): Resolved {
  const problems: Problem[] = []
  const secrets = new Set<string>()
  const value = nodeToPlain(node, (scalar) =>
    scalar.value.replace(REFERENCE, (text: string, name: string, at: number) => {
      const found = lookUp(text, name, sources)
      if (found instanceof HubError) problems.push(placed(found, scalar, at))
      else if (found.secret && isSecret(found.text)) secrets.add(found.text)
      return found instanceof HubError ? '' : found.text
    }),
  )
  return { value, asWritten: nodeToPlain(node), secrets: [...secrets], problems }
}

interface Found {
  readonly text: string
  readonly secret: boolean
}

function lookUp(text: string, name: string, sources: ReferenceSources): Found | HubError {
  const [, variable, otherwise] = VARIABLE.exec(name) ?? []
  const path = FILE.exec(name)?.[1]
  if (!text.endsWith('}') || !(variable ?? path)) return new HubError('config.bad-reference', { text })
  if (path) return readSecret(resolve(sources.dir, path), path)
  return readVariable(variable ?? '', otherwise, sources.environment)
}

function readVariable(
  name: string,
  otherwise: string | undefined,
  environment: ReferenceSources['environment'],
): Found | HubError {
  if (reservedVariables.has(name)) return new HubError('config.reserved-variable', { name })
  const value = environment[name]
  if (value) return { text: value, secret: true }
  return otherwise === undefined
    ? new HubError('config.missing-variable', { name })
    : { text: otherwise, secret: false }
}

function readSecret(path: string, written: string): Found | HubError {
  try {
    return { text: readSecretFile(path), secret: true }
  } catch (error) {
    return new HubError('config.missing-file', { path: written, because: reasonOf(error) }, { cause: error })
  }
}

function placed({ code, parameters, cause }: HubError, scalar: Scalar, offset: number): Problem {
  const place = placeIn(scalar, offset)
  return { severity: 'error', error: new HubError(code, parameters, { place, cause }) }
}

/** Whether a text is one reference and nothing else. A fallback would stand in the file itself, so it is none. */
export function isReference(text: string): boolean {
  const [, name = ''] = /^\$\{([^}]*)\}$/.exec(text) ?? []
  const [, variable, otherwise = ''] = VARIABLE.exec(name) ?? []
  return FILE.test(name) || (variable !== undefined && otherwise === '')
}

const SHORTEST_SECRET = 6

/** Addresses without credentials, ports and short words are no secrets: masking them would make logs unreadable. */
function isSecret(text: string): boolean {
  if (text.length < SHORTEST_SECRET || /^\d{1,5}$/.test(text)) return false
  const url = URL.canParse(text) ? new URL(text) : undefined
  return !url || !url.host || url.username !== '' || url.password !== '' || url.search !== ''
}
