import { problem, type Problem } from '@shuniu/contracts'
import { Composer, type CST, type Document, LineCounter, Parser } from 'yaml'
import { placeAt, type Origin, type YamlNode } from './node.ts'
import { checkText } from './text-file.ts'
import { settleTree, type YamlLimits } from './tree.ts'

export const yamlLimits: YamlLimits = { bytes: 256 * 1024, depth: 64, aliases: 50, nodes: 50_000 }

/** A file that was read. `node` is undefined exactly when `problems` has an error. */
export interface YamlFile extends Origin {
  readonly node: YamlNode | undefined
  readonly problems: readonly Problem[]
}

type Outcome = Pick<YamlFile, 'node' | 'problems'>

/** After so many mistakes of grammar the rest is noise. */
const MOST_SHOWN = 10

/**
 * Reads one YAML 1.2 document (core schema) that a person wrote and nobody may be hurt by (reliability.md §2.5 H, §3.1):
 * no tags, directives or merge keys, unique text keys, bounded size, depth and aliases. All problems are reported at once;
 * `file` is the name used in their places.
 */
export function readYaml(source: string, file: string, limits: YamlLimits = yamlLimits): YamlFile {
  const lineCounter = new LineCounter()
  const checked = checkText(source, file, limits.bytes)
  if (checked.text === undefined)
    return { file, text: source, lineCounter, node: undefined, problems: checked.problems }
  const origin: Origin = { file, text: checked.text, lineCounter }
  const tokens = [...new Parser(lineCounter.addNewLine).parse(checked.text)]
  const refusals = refuseTokens(tokens, origin, limits)
  if (refusals.length > 0) return { ...origin, node: undefined, problems: refusals }
  // Unique keys are checked in `settleTree`, in linear time.
  const composer = new Composer({ stringKeys: true, uniqueKeys: false, resolveKnownTags: false, logLevel: 'silent' })
  return { ...origin, ...compose([...composer.compose(tokens, true, checked.text.length)], origin, limits) }
}

function compose([document, second]: readonly Document.Parsed[], origin: Origin, limits: YamlLimits): Outcome {
  if (second) return refused([problem('config.many-documents', {}, placeAt(origin, second.range[0]))])
  // A tag that cannot be resolved is refused with all other tags.
  const mistakes = document?.errors.filter((error) => error.code !== 'TAG_RESOLVE_FAILED') ?? []
  if (mistakes.length > 0) {
    // What follows a tab is misread because of it.
    const tabs = mistakes.filter((error) => error.code === 'TAB_AS_INDENT')
    const shown = (tabs.length > 0 ? tabs : mistakes).slice(0, MOST_SHOWN)
    return refused(shown.map((one) => problem('config.yaml', { message: one.message }, placeAt(origin, one.pos[0]))))
  }
  if (!document?.contents) return refused([problem('config.empty', { file: origin.file }, placeAt(origin, 0))])
  return settleTree(document.contents, origin, limits)
}

function refused(problems: readonly Problem[]): Outcome {
  return { node: undefined, problems }
}

/** What must not even be composed: directives, and nesting that would exhaust the stack. */
function refuseTokens(tokens: readonly CST.Token[], origin: Origin, limits: YamlLimits): Problem[] {
  const directive = tokens.find((token) => token.type === 'directive')
  if (directive) return [problem('config.directive', {}, placeAt(origin, directive.offset))]
  const open = tokens.map((token) => ({ token, depth: 0 }))
  for (let next = open.pop(); next; next = open.pop()) {
    const { token, depth } = next
    if (depth > limits.depth) {
      return [
        problem('config.too-deep', { limit: limits.depth }, placeAt(origin, 'offset' in token ? token.offset : 0)),
      ]
    }
    for (const child of childrenOf(token))
      open.push({ token: child, depth: depth + (token.type === 'document' ? 0 : 1) })
  }
  return []
}

function childrenOf(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : []
  if (!('items' in token)) return []
  return token.items.flatMap(({ key, value }) => [key, value].filter((child) => child !== null && child !== undefined))
}

export type { YamlLimits } from './tree.ts'
