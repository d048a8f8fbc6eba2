import type { Decimal } from '@shuniu/contracts'

/** Macros that go over the elements of a list, or over the keys of a record. */
export const macros = ['all', 'exists', 'exists_one', 'filter', 'map', 'sum'] as const
export type Macro = (typeof macros)[number]

export const relations = ['==', '!=', '<', '<=', '>', '>=', 'in'] as const
export type Relation = (typeof relations)[number]

export type Arithmetic = '+' | '-' | '*'

/** What every node has: where it can fail, how high it is, and of how many nodes it consists. */
interface Shape {
  readonly at: number
  readonly height: number
  readonly size: number
}

type Kinds =
  | { readonly kind: 'literal'; readonly value: null | boolean | string | Decimal }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'select'; readonly of: Node; readonly field: string }
  | { readonly kind: 'has'; readonly of: Node; readonly field: string }
  | { readonly kind: 'index'; readonly of: Node; readonly index: Node }
  | { readonly kind: 'not' | 'negate'; readonly of: Node }
  | { readonly kind: 'arithmetic'; readonly operator: Arithmetic; readonly left: Node; readonly right: Node }
  | { readonly kind: 'relation'; readonly operator: Relation; readonly left: Node; readonly right: Node }
  | { readonly kind: 'logic'; readonly operator: '&&' | '||'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'conditional'; readonly test: Node; readonly yes: Node; readonly no: Node }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'record'; readonly entries: readonly { readonly key: Node; readonly value: Node }[] }
  | { readonly kind: 'coalesce'; readonly choices: readonly Node[] }
  | { readonly kind: 'call'; readonly name: string; readonly method: boolean; readonly given: readonly Node[] }
  | {
      readonly kind: 'macro'
      readonly macro: Macro
      readonly over: Node
      readonly variable: string
      readonly body: Node
    }

/** A parsed expression. In a method call the receiver is the first of `given`. */
export type Node = Kinds & Shape

/** A node before its height and size are known. */
export type NodeOf = Kinds

/** The parts of a node, from left to right. */
export function partsOf(node: NodeOf): readonly Node[] {
  switch (node.kind) {
    case 'literal':
    case 'name':
      return []
    case 'select':
    case 'has':
    case 'not':
    case 'negate':
      return [node.of]
    case 'index':
      return [node.of, node.index]
    case 'arithmetic':
    case 'relation':
    case 'logic':
      return [node.left, node.right]
    case 'conditional':
      return [node.test, node.yes, node.no]
    case 'list':
      return node.items
    case 'record':
      return node.entries.flatMap(({ key, value }) => [key, value])
    case 'coalesce':
      return node.choices
    case 'call':
      return node.given
    case 'macro':
      return [node.over, node.body]
  }
}

/** Names that reach behind an object's own data; refused wherever a name can be written. */
export function isForbidden(name: string): boolean {
  return name === '__proto__' || name === 'constructor' || name === 'prototype'
}
