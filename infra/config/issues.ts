import { catalogue, nearest, problem, type ErrorCode, type ErrorParameters, type Problem } from '@shuniu/contracts'
import { z } from 'zod'
import { nodeAt, placeOf, placeOfKey, type YamlNode } from './node.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/**
 * What the message of an issue begins with when it carries the example of what is missing (`like 10s`), or the text that a
 * number was meant for.
 */
export const likeWord = 'like '

/**
 * Lets an issue carry, as its message, what only its schema knows: the known keys where one is unknown, the example of what
 * is missing. Give it to each `safeParse`.
 */
export const fromSchema: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'unrecognized_keys')
    return issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape).join(' ') : ''
  if (issue.code !== 'invalid_type' || issue.input !== undefined || !(issue.inst instanceof z.ZodType)) return undefined
  const { examples } = issue.inst.meta() ?? {}
  const example: unknown = Array.isArray(examples) ? examples[0] : undefined
  return example === undefined
    ? undefined
    : likeWord + (typeof example === 'string' ? example : JSON.stringify(example))
}

const likeOf = ({ message }: Issue): string | undefined =>
  message.startsWith(likeWord) ? message.slice(likeWord.length) : undefined

const expectedCodes: Readonly<Record<string, ErrorCode>> = {
  string: 'config.expected-text',
  number: 'config.expected-number',
  int: 'config.expected-whole-number',
  boolean: 'config.expected-boolean',
  object: 'config.expected-map',
  record: 'config.expected-map',
  array: 'config.expected-list',
}

/** The problems of one issue of zod, with places in the node that `root`, the checked data, came from. */
export function problemsOf(issue: Issue, root: unknown, node: YamlNode, within: Path = []): Problem[] {
  const path = [...within, ...issue.path]
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue, path, node)
  if (issue.code === 'invalid_union') {
    const closest = closestOption(issue.errors)
    if (closest) return closest.flatMap((inner) => problemsOf(inner, root, node, path))
  }
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => atKey(inner, path, node))
  if (valueAt(root, path) === undefined && path.length > 0) {
    const parent = path.slice(0, -1)
    const key = String(path.at(-1))
    return [problem('config.missing-key', { key, shape: `${key}: ${likeOf(issue) ?? '…'}` }, placeNear(node, parent))]
  }
  const [code, parameters] = meaningOf(issue, valueAt(root, path))
  return [problem(code, { key: textOf(path), ...parameters }, placeNear(node, path))]
}

/** The option of a union that the value comes closest to. */
function closestOption(options: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const cost = (issues: readonly Issue[]): number => issues.reduce((sum, issue) => sum + costOf(issue), 0)
  return options.toSorted((one, other) => cost(one) - cost(other))[0]
}

/** An option that is another kind of thing altogether is further away than any number of wrong keys. */
function costOf(issue: Issue): number {
  if (issue.code === 'unrecognized_keys') return issue.keys.length
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value') ? 100 : 1
}

function unknownKeys(issue: Extract<Issue, { code: 'unrecognized_keys' }>, path: Path, node: YamlNode): Problem[] {
  const known = issue.message.split(' ')
  const map = nodeAt(node, path) ?? node
  return issue.keys.map((key) => {
    const parameters = { key, nearest: nearest(key, known, Infinity), known: known.join(', ') }
    return problem('config.unknown-key', parameters, placeOfKey(map, key))
  })
}

function atKey(issue: Issue, path: Path, node: YamlNode): Problem {
  const key = String(path.at(-1))
  const [code, parameters] = meaningOf(issue, key)
  return problem(code, { key, ...parameters }, placeOfKey(nodeAt(node, path.slice(0, -1)) ?? node, key))
}

function meaningOf(issue: Issue, found: unknown): [ErrorCode, ErrorParameters] {
  const like = likeOf(issue)
  if (like !== undefined) return ['config.bad-format', { example: like }]
  if (issue.code === 'invalid_type') return [expectedCodes[issue.expected] ?? 'config.bad-value', because(issue)]
  if (issue.code === 'too_small') return ['config.at-least', { bound: String(issue.minimum) }]
  if (issue.code === 'too_big') return ['config.at-most', { bound: String(issue.maximum) }]
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String)
    return ['config.not-allowed', { allowed: allowed.join(', '), nearest: nearest(String(found), allowed, Infinity) }]
  }
  if (issue.code === 'custom' && isCode(issue.params?.['code'])) return [issue.params['code'], textsOf(issue.params)]
  return ['config.bad-value', because(issue)]
}

const because = (issue: Issue): ErrorParameters => ({ because: issue.message })

function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(catalogue, code)
}

/** The parameters that a refinement of ours has given for its sentence. */
function textsOf(parameters: Readonly<Record<string, unknown>>): ErrorParameters {
  const texts = Object.entries(parameters).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return Object.fromEntries(texts.filter(([name]) => name !== 'code'))
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const step of path) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, step) ? Reflect.get(value, step) : undefined
  }
  return value
}

/** Where a path stands, or the nearest thing around it. */
function placeNear(node: YamlNode, path: Path): ReturnType<typeof placeOf> {
  for (let length = path.length; length > 0; length--) {
    const found = nodeAt(node, path.slice(0, length))
    if (found) return placeOf(found)
  }
  return placeOf(node)
}

function textOf(path: Path): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return text.replace(/^\./, '') || '/'
}
