import { problem, type ErrorCode, type ErrorParameters, type Place, type Problem } from '@shuniu/contracts'
import { isAlias, isMap, isScalar, isSeq, Pair, Scalar, YAMLMap, YAMLSeq, type Alias, type ParsedNode } from 'yaml'
import { placeAt, rememberOrigin, type Origin, type YamlMap, type YamlNode } from './node.ts'

/** What a file may have at most. Each is checked before anything walks over more than that. */
export interface YamlLimits {
  readonly bytes: number
  readonly depth: number
  readonly aliases: number
  /** Keys, values and lists, counted as if aliases were written out. */
  readonly nodes: number
}

/** A settled node, and how much it is with its aliases written out. */
interface Settled<Node extends YamlNode = YamlNode> {
  readonly node: Node
  readonly nodes: number
  readonly depth: number
}

/** Numbers longer than this are no amounts. */
const LONGEST_NUMBER = 100
const MOST_PROBLEMS = 50
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Makes of a composed tree one that is safe to walk: aliases become what they point to, and it is checked for tags, keys,
 * numbers and for its size and depth as if everything were written out. Needs time in proportion to the file.
 */
export function settleTree(
  root: ParsedNode,
  origin: Origin,
  limits: YamlLimits,
): { readonly node: YamlNode | undefined; readonly problems: readonly Problem[] } {
  const settling = new Settling(origin, limits)
  const { node, nodes, depth } = settling.settle(root)
  if (depth > limits.depth) settling.report('config.too-deep', { limit: limits.depth }, root)
  if (nodes > limits.nodes) {
    settling.report('config.too-large', { file: origin.file, limit: limits.nodes, unit: 'nodes' }, root)
  }
  return settling.problems.length > 0 ? { node: undefined, problems: settling.problems } : { node, problems: [] }
}

/** One walk over a tree. An anchor is `open` while its own content is being walked: an alias there would be a circle. */
class Settling {
  readonly problems: Problem[] = []
  private readonly anchors = new Map<string, Settled | 'open'>()
  private readonly origin: Origin
  private readonly limits: YamlLimits
  private aliases = 0

  constructor(origin: Origin, limits: YamlLimits) {
    this.origin = origin
    this.limits = limits
  }

  settle(node: ParsedNode): Settled {
    if (isAlias(node)) return this.follow(node)
    if (node.tag) this.report('config.tag', { tag: shortTag(node.tag) }, node)
    if (node.anchor) this.anchors.set(node.anchor, 'open')
    const settled = isMap(node) ? this.map(node) : isSeq(node) ? this.list(node) : this.scalar(node)
    if (node.anchor) this.anchors.set(node.anchor, settled)
    return settled
  }

  report(code: ErrorCode, parameters: ErrorParameters, node: ParsedNode): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(problem(code, parameters, this.place(node)))
  }

  private place(node: ParsedNode): Place {
    return placeAt(this.origin, node.range[0])
  }

  private map(node: YAMLMap.Parsed): Settled<YamlMap> {
    const map: YamlMap = new YAMLMap()
    const seen = new Map<string, Place>()
    const values = node.items.flatMap((entry) => {
      const key = this.key(entry.key, seen)
      if (!key) return []
      const value = entry.value ? this.settle(entry.value) : this.nothingAfter(entry.key)
      map.items.push(new Pair(key, value.node))
      return [value]
    })
    map.flow = node.flow ?? false
    return this.settled(map, node, values)
  }

  private list(node: YAMLSeq.Parsed): Settled {
    const list = new YAMLSeq<YamlNode>()
    const items = node.items.map((item) => this.settle(item))
    list.items = items.map((item) => item.node)
    list.flow = node.flow ?? false
    return this.settled(list, node, items)
  }

  private scalar(node: Scalar.Parsed): Settled<Scalar> {
    if (typeof node.value === 'number') this.checkNumber(node)
    return this.settled(node, node, [])
  }

  private checkNumber(node: Scalar.Parsed): void {
    const text = node.source
    if (!Number.isFinite(node.value) || text.length > LONGEST_NUMBER || /^[-+.\d]+[eE][-+]?\d{3}/.test(text)) {
      this.report('config.bad-number', { text: text.slice(0, 20), limit: LONGEST_NUMBER }, node)
    } else if (/^[-+]?0\d/.test(text)) {
      this.report('config.leading-zero', { text }, node)
    }
  }

  private key(node: ParsedNode, seen: Map<string, Place>): Scalar<string> | undefined {
    if (!isScalar(node) || typeof node.value !== 'string') return undefined
    const name = node.value
    const first = seen.get(name)
    if (node.tag) this.report('config.tag', { tag: shortTag(node.tag) }, node)
    if (name === '<<') this.report('config.merge-key', {}, node)
    else if (forbiddenKeys.has(name)) this.report('config.forbidden-key', { key: name }, node)
    else if (first) this.report('config.duplicate-key', { key: name.slice(0, 60), first: first.line }, node)
    else seen.set(name, this.place(node))
    const key = new Scalar(name)
    key.range = node.range
    rememberOrigin(key, this.origin)
    return key
  }

  private follow(alias: Alias.Parsed): Settled {
    this.aliases++
    if (this.aliases === this.limits.aliases + 1) {
      this.report('config.too-many-aliases', { limit: this.limits.aliases }, alias)
    }
    const target = this.anchors.get(alias.source)
    if (target && target !== 'open') return target
    this.report('config.bad-alias', { name: alias.source }, alias)
    return this.nothingAfter(alias)
  }

  private nothingAfter(node: ParsedNode): Settled<Scalar> {
    const nothing = new Scalar(null)
    nothing.range = [node.range[1], node.range[1], node.range[1]]
    return this.settled(nothing, undefined, [])
  }

  private settled<Node extends YamlNode>(
    node: Node,
    from: ParsedNode | undefined,
    inner: readonly Settled[],
  ): Settled<Node> {
    if (from) node.range = from.range
    rememberOrigin(node, this.origin)
    const nodes = inner.reduce((sum, one) => sum + one.nodes, 1)
    return { node, nodes, depth: isScalar(node) ? 0 : 1 + inner.reduce((most, one) => Math.max(most, one.depth), 0) }
  }
}

function shortTag(tag: string): string {
  return tag.replace('tag:yaml.org,2002:', '!!').slice(0, 40)
}
