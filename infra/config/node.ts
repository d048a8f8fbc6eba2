import type { Place } from '@shuniu/contracts'
import { isMap, isScalar, isSeq, LineCounter, Scalar, type YAMLMap, type YAMLSeq } from 'yaml'

/**
 * A value of a YAML file with its range in the text. Aliases are replaced by what they point to, keys are texts,
 * there are no tags, and a number keeps its digits in `source`.
 */
export type YamlNode = Scalar | YamlMap | YamlList
export type YamlMap = YAMLMap<Scalar<string>, YamlNode>
export type YamlList = YAMLSeq<YamlNode>

export { isMap, isScalar, isSeq }

/** The file that a node was read from. */
export interface Origin {
  readonly file: string
  readonly text: string
  readonly lineCounter: LineCounter
}

const origins = new WeakMap<object, Origin>()

/** Remembers where nodes come from; `readYaml` does it for each node it hands out. */
export function rememberOrigin(node: YamlNode, origin: Origin): void {
  origins.set(node, origin)
}

/** Where a node begins. Only for nodes of `readYaml`. */
export function placeOf(node: YamlNode): Place {
  return placeAt(originOf(node), node.range?.[0] ?? 0)
}

/**
 * Where a character of a scalar's value stands, counted in UTF-16 units. Exact for a scalar written in one line without
 * escapes; otherwise where the scalar begins.
 */
export function placeIn(node: Scalar, offset: number): Place {
  const origin = originOf(node)
  const [start, end] = node.range ?? [0, 0]
  const written = origin.text.slice(start, end)
  const quotes = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE ? 1 : 0
  const asIs = written.slice(quotes, written.length - quotes) === node.value
  return placeAt(origin, asIs ? start + quotes + offset : start)
}

/** Where the key of an entry stands; the map's own place when there is no such key. */
export function placeOfKey(map: YamlNode, key: string): Place {
  const pair = isMap(map) ? map.items.find((entry) => entry.key.value === key) : undefined
  return placeOf(pair?.key ?? map)
}

/** What stands under a path of keys and indices; undefined when there is nothing. */
export function nodeAt(node: YamlNode, path: readonly PropertyKey[]): YamlNode | undefined {
  let found: YamlNode | undefined = node
  for (const step of path) found = found && childOf(found, step)
  return found
}

/** The entry of a map or the item of a list. */
export function childOf(node: YamlNode, step: PropertyKey): YamlNode | undefined {
  if (isSeq(node)) return typeof step === 'number' ? node.items[step] : undefined
  if (isMap(node)) return node.items.find((entry) => entry.key.value === String(step))?.value ?? undefined
  return undefined
}

function originOf(node: YamlNode): Origin {
  const origin = origins.get(node)
  if (!origin) throw new TypeError('This node was not read by readYaml.')
  return origin
}

/** The place of an offset in the text of a file. */
export function placeAt(origin: Pick<Origin, 'file' | 'lineCounter'>, offset: number): Place {
  const { line, col } = origin.lineCounter.linePos(offset)
  return { file: origin.file, line: Math.max(1, line), column: Math.max(1, col) }
}
