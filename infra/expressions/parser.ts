import type { HubError } from '@shuniu/contracts'
import {
  isForbidden,
  macros,
  partsOf,
  relations,
  type Arithmetic,
  type Macro,
  type Node,
  type NodeOf,
  type Relation,
} from './ast.ts'
import { limits } from './budget.ts'
import { tokenize, type Token } from './lexer.ts'
import { siteAt, type Locate } from './site.ts'

/** Words that cannot name a variable; those of the first line are values and operators, the others CEL keeps back. */
const keywords = new Set(['true', 'false', 'null', 'in'])
const reserved = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)

/**
 * Source → tree. Throws a HubError with its place: `expression.syntax`, `expression.too-large`, `expression.no-division`,
 * `expression.forbidden-name`. Nothing in the grammar loops, assigns, or reaches behind data.
 */
export function parse(source: string, locate: Locate): Node {
  if (source.length > limits.source) {
    throw siteAt(locate, 0, '').fail('expression.too-large', { limit: limits.source })
  }
  return new Parser(tokenize(source, locate), locate).whole()
}

/** Recursive descent, one method per level of precedence, loosest first. */
class Parser {
  private position = 0
  private nesting = 0
  private nodes = 0
  private readonly tokens: readonly Token[]
  private readonly locate: Locate

  constructor(tokens: readonly Token[], locate: Locate) {
    this.tokens = tokens
    this.locate = locate
  }

  whole(): Node {
    const node = this.expression()
    if (this.token.kind !== 'end') throw this.unexpected('end')
    return node
  }

  private expression(): Node {
    if (++this.nesting > limits.nesting) throw this.tooLarge(limits.nesting)
    const test = this.or()
    const at = this.token.at
    if (!this.take('?')) return this.up(test)
    const yes = this.or()
    this.expect(':')
    return this.up(this.node({ kind: 'conditional', test, yes, no: this.expression() }, at))
  }

  private or(): Node {
    return this.chain(
      () => this.and(),
      ['||'],
      (_, left, right) => ({ kind: 'logic', operator: '||', left, right }),
    )
  }

  private and(): Node {
    return this.chain(
      () => this.relation(),
      ['&&'],
      (_, left, right) => ({ kind: 'logic', operator: '&&', left, right }),
    )
  }

  private relation(): Node {
    return this.chain<Relation>(
      () => this.addition(),
      relations,
      (operator, left, right) => ({ kind: 'relation', operator, left, right }),
    )
  }

  private addition(): Node {
    return this.chain<Arithmetic>(
      () => this.multiplication(),
      ['+', '-'],
      (operator, left, right) => ({ kind: 'arithmetic', operator, left, right }),
    )
  }

  private multiplication(): Node {
    const node = this.chain<Arithmetic>(
      () => this.unary(),
      ['*'],
      (operator, left, right) => ({ kind: 'arithmetic', operator, left, right }),
    )
    if (this.is('/') || this.is('%')) throw this.failAt(this.token, 'expression.no-division')
    return node
  }

  /** `operand (operator operand)*`, grouped from the left. */
  private chain<Operator extends string>(
    operand: () => Node,
    operators: readonly Operator[],
    build: (operator: Operator, left: Node, right: Node) => NodeOf,
  ): Node {
    let left = operand()
    for (;;) {
      const { at } = this.token
      const operator = operators.find((one) => this.is(one))
      if (operator === undefined) return left
      this.position++
      left = this.node(build(operator, left, operand()), at)
    }
  }

  private unary(): Node {
    const first = this.token
    const kind = first.text === '!' ? 'not' : 'negate'
    let count = 0
    while (first.kind === 'symbol' && (first.text === '!' || first.text === '-') && this.take(first.text)) count++
    let node = this.member()
    if (
      count % 2 === 1 &&
      kind === 'negate' &&
      node.kind === 'literal' &&
      typeof node.value === 'object' &&
      node.value
    ) {
      return { ...node, value: node.value.neg() }
    }
    for (; count > 0; count--) node = this.node({ kind, of: node }, first.at)
    return node
  }

  private member(): Node {
    let node = this.primary()
    for (;;) {
      const { at } = this.token
      if (this.take('.')) node = this.selection(node)
      else if (this.take('[')) {
        node = this.node({ kind: 'index', of: node, index: this.key() }, at)
        this.expect(']')
      } else return node
    }
  }

  private selection(of: Node): Node {
    const token = this.token
    const field = this.identifier(keywords)
    if (this.take('(')) return this.method(of, token, field)
    return this.node({ kind: 'select', of, field }, token.at)
  }

  private method(of: Node, token: Token, name: string): Node {
    const macro = macros.find((one) => one === name)
    const given = this.list(')')
    if (macro) return this.macro(macro, of, given, token)
    return this.node({ kind: 'call', name, method: true, given: [of, ...given] }, token.at)
  }

  private macro(macro: Macro, over: Node, given: readonly Node[], token: Token): Node {
    const [variable, body] = given
    if (given.length !== 2 || variable?.kind !== 'name' || !body) {
      throw this.failAt(token, 'expression.arguments', { signature: `list.${macro}(name, expression)` })
    }
    return this.node({ kind: 'macro', macro, over, variable: variable.name, body }, token.at)
  }

  private primary(): Node {
    const token = this.token
    if (token.kind === 'number' || token.kind === 'string') {
      this.position++
      return this.node({ kind: 'literal', value: token.value }, token.at)
    }
    if (token.kind === 'name') return this.named(token)
    if (this.take('(')) {
      const node = this.expression()
      this.expect(')')
      return node
    }
    if (this.take('[')) return this.node({ kind: 'list', items: this.list(']') }, token.at)
    if (this.take('{')) return this.node({ kind: 'record', entries: this.entries() }, token.at)
    throw this.unexpected('value')
  }

  private named(token: Token): Node {
    if (token.text === 'true' || token.text === 'false' || token.text === 'null') {
      this.position++
      return this.node({ kind: 'literal', value: token.text === 'null' ? null : token.text === 'true' }, token.at)
    }
    const name = this.identifier(keywords, reserved)
    if (!this.take('(')) return this.node({ kind: 'name', name }, token.at)
    const given = this.list(')')
    if (name === 'has') return this.has(given, token)
    if (name !== 'coalesce') return this.node({ kind: 'call', name, method: false, given }, token.at)
    if (given.length < 2) throw this.failAt(token, 'expression.arguments', { signature: 'coalesce(a, b, …)' })
    return this.node({ kind: 'coalesce', choices: given }, token.at)
  }

  private has(given: readonly Node[], token: Token): Node {
    const [field] = given
    if (given.length !== 1 || field?.kind !== 'select') {
      throw this.failAt(token, 'expression.arguments', { signature: 'has(a.b); "any key" in a' })
    }
    return this.node({ kind: 'has', of: field.of, field: field.field }, field.at)
  }

  /** Up to the closing bracket; only a list literal may end with a comma. */
  private list(close: ')' | ']'): Node[] {
    const items: Node[] = []
    while (!this.take(close)) {
      items.push(this.expression())
      if (this.is(close)) continue
      this.expect(',')
      if (close === ')' && this.is(close)) throw this.unexpected('value')
    }
    return items
  }

  private entries(): { key: Node; value: Node }[] {
    const entries: { key: Node; value: Node }[] = []
    while (!this.take('}')) {
      const key = this.key()
      this.expect(':')
      entries.push({ key, value: this.expression() })
      if (!this.is('}')) this.expect(',')
    }
    return entries
  }

  private key(): Node {
    const key = this.expression()
    if (key.kind === 'literal' && typeof key.value === 'string') this.allowed(key.value, key.at)
    return key
  }

  private identifier(...refused: readonly ReadonlySet<string>[]): string {
    const token = this.token
    if (token.kind !== 'name' || refused.some((words) => words.has(token.text))) throw this.unexpected('name')
    this.allowed(token.text, token.at)
    this.position++
    return token.text
  }

  private allowed(name: string, at: number): void {
    if (isForbidden(name)) throw siteAt(this.locate, at, name).fail('expression.forbidden-name')
  }

  private node(node: NodeOf, at: number): Node {
    if (++this.nodes > limits.nodes) throw this.tooLarge(limits.nodes)
    let height = 1
    let size = 1
    for (const part of partsOf(node)) {
      height = Math.max(height, part.height + 1)
      size += part.size
    }
    if (height > limits.height) throw this.tooLarge(limits.height)
    return { ...node, at, height, size }
  }

  private get token(): Token {
    const token = this.tokens[this.position]
    if (!token) throw new RangeError('the last token is always "end" and is never taken')
    return token
  }

  private is(text: string): boolean {
    return this.token.text === text && (this.token.kind === 'symbol' || text === 'in') && this.token.kind !== 'string'
  }

  private take(text: string): boolean {
    if (!this.is(text)) return false
    this.position++
    return true
  }

  private expect(text: string): void {
    if (!this.take(text)) throw this.unexpected(text)
  }

  private up(node: Node): Node {
    this.nesting--
    return node
  }

  private unexpected(expected: string): HubError {
    return this.failAt(this.token, 'expression.syntax', { found: this.token.text || '∎', expected })
  }

  private tooLarge(limit: number): HubError {
    return this.failAt(this.token, 'expression.too-large', { limit })
  }

  private failAt(token: Token, ...how: Parameters<ReturnType<typeof siteAt>['fail']>): HubError {
    return siteAt(this.locate, token.at, token.text).fail(...how)
  }
}
