import { HubError, type ErrorCode, type ErrorParameters, type Place, type Problem } from '@shuniu/contracts'
import { checkCall, type CallReport } from './check-call.ts'
import type { Macro, Node } from './ast.ts'
import type { HostCall, Names } from './environment.ts'
import { knownFrom, pathOf, startsAt } from './narrow.ts'
import { suggest } from './suggest.ts'
import { arithmeticType, comparable, fits, orderable } from './operators.ts'
import { siteAt, type Locate } from './site.ts'
import { fieldOf, join, stripNull, typeName, types, type Type } from './types.ts'

/** What is known of an expression before it runs. */
export interface Checked {
  readonly type: Type
  readonly problems: readonly Problem[]
  /** Variables of the environment that it reads. */
  readonly variables: readonly string[]
  readonly calls: readonly HostCall[]
}

/** Finds every certain mistake of an expression at once. `locals` are variables that the caller binds by position. */
export function check(node: Node, names: Names, locate: Locate, locals: readonly Local[] = []): Checked {
  const checker = new Checker(names, locate, locals)
  const type = checker.infer(node)
  return { type, problems: checker.problems, variables: [...checker.variables], calls: checker.calls }
}

/** A variable of a macro or of an `each`. */
export interface Local {
  readonly name: string
  readonly type: Type
}

const resultOf: Readonly<Record<Macro, (element: Type, body: Type) => Type>> = {
  all: () => types.bool,
  exists: () => types.bool,
  exists_one: () => types.bool,
  filter: (element) => types.list(element),
  map: (_, body) => types.list(body),
  sum: () => types.decimal,
}

class Checker implements CallReport {
  readonly problems: Problem[] = []
  readonly variables = new Set<string>()
  readonly calls: HostCall[] = []
  readonly names: Names
  private readonly locate: Locate
  private locals: readonly Local[]
  private notNull: readonly string[] = []

  constructor(names: Names, locate: Locate, locals: readonly Local[]) {
    this.names = names
    this.locate = locate
    this.locals = locals
  }

  infer(node: Node): Type {
    const type = this.typeOf(node)
    return this.names.dynamic ? types.dyn : type
  }

  report(node: Node, what: string, code: ErrorCode, parameters: ErrorParameters = {}): void {
    this.note(siteAt(this.locate, node.at, what).fail(code, parameters))
  }

  note(error: HubError): void {
    this.problems.push({ severity: 'error', error })
  }

  siteOf(node: Node, what: string): ReturnType<typeof siteAt> {
    return siteAt(this.locate, node.at, what)
  }

  placeOf(node: Node): Place {
    return this.locate(node.at)
  }

  private typeOf(node: Node): Type {
    switch (node.kind) {
      case 'literal':
        return literalType(node.value)
      case 'name':
        return this.nameType(node, node.name)
      case 'select':
        return this.narrowed(node, this.fieldType(node, node.of, node.field))
      case 'has':
        this.fieldType(node, node.of, node.field)
        return types.bool
      case 'index':
        return this.narrowed(node, this.elementType(node, node.of, node.index))
      case 'not':
        return this.needs(node.of, types.bool, '!')
      case 'negate':
        return this.negated(node, node.of)
      case 'arithmetic':
        return this.arithmetic(node)
      case 'relation':
        return this.relation(node)
      case 'logic':
        return this.logic(node)
      case 'conditional':
        return this.conditional(node)
      case 'list':
        return types.list(this.common(node.items))
      case 'record':
        return this.recordType(node)
      case 'coalesce':
        return this.coalesced(node)
      case 'call':
        return checkCall(node, this)
      case 'macro':
        return this.macro(node)
    }
  }

  private nameType(node: Node, name: string): Type {
    const local = this.locals.findLast((one) => one.name === name)
    if (local) return this.narrowed(node, local.type)
    const type = Object.hasOwn(this.names.variables, name) ? this.names.variables[name] : undefined
    if (type) {
      this.variables.add(name)
      return this.narrowed(node, type)
    }
    const known = [...this.locals.map((one) => one.name), ...Object.keys(this.names.variables)]
    this.report(node, name, 'expression.unknown-name', { nearest: suggest(name, known) })
    return types.dyn
  }

  private narrowed(node: Node, type: Type): Type {
    const path = type.kind === 'nullable' ? pathOf(node) : undefined
    return path !== undefined && this.notNull.includes(path) ? stripNull(type) : type
  }

  private fieldType(node: Node, of: Node, name: string): Type {
    const record = stripNull(this.infer(of))
    if (record.kind === 'dyn') return types.dyn
    if (record.kind === 'map') return record.of
    if (record.kind !== 'record') {
      this.wrongType(node, `.${name}`, 'record', typeName(record))
      return types.dyn
    }
    const field = fieldOf(record, name)
    if (field) return field.type
    const nearest = suggest(name, Object.keys(record.fields))
    this.report(node, name, 'expression.unknown-field', { record: typeName(record), nearest })
    return types.dyn
  }

  private elementType(node: Node, of: Node, index: Node): Type {
    const whole = stripNull(this.infer(of))
    if (whole.kind === 'record' && index.kind === 'literal' && typeof index.value === 'string') {
      return this.fieldType(node, of, index.value)
    }
    const key = this.infer(index)
    if (whole.kind === 'dyn') return types.dyn
    if (whole.kind === 'list') return this.expect(index, key, types.decimal, '[ ]') ? whole.of : types.dyn
    if (whole.kind === 'map' || whole.kind === 'record') {
      this.expect(index, key, types.string, '[ ]')
      return whole.kind === 'map' ? whole.of : types.dyn
    }
    this.wrongType(node, '[ ]', 'list | record', typeName(whole))
    return types.dyn
  }

  private negated(node: Node, of: Node): Type {
    const type = stripNull(this.infer(of))
    if (type.kind !== 'duration') this.expect(node, type, types.decimal, '-')
    return type
  }

  private arithmetic(node: Extract<Node, { kind: 'arithmetic' }>): Type {
    const [left, right] = [this.infer(node.left), this.infer(node.right)]
    const result = arithmeticType(node.operator, left, right)
    if (result) return result
    const expected = node.operator === '+' ? 'decimal + decimal | string + string' : `decimal ${node.operator} decimal`
    this.wrongType(node, node.operator, expected, `${typeName(left)} ${node.operator} ${typeName(right)}`)
    return types.dyn
  }

  private relation(node: Extract<Node, { kind: 'relation' }>): Type {
    const { operator } = node
    const [left, right] = [this.infer(node.left), this.infer(node.right)]
    const found = `${typeName(left)} ${operator} ${typeName(right)}`
    if (operator === 'in') {
      const within = stripNull(right)
      const list = within.kind === 'list'
      if (list && !comparable(left, within.of)) this.report(node, operator, 'expression.never-equal', { found })
      else if (!list && !fits(right, types.map(types.dyn)))
        this.wrongType(node, operator, 'list | record', typeName(right))
    } else if (operator === '==' || operator === '!=') {
      if (!comparable(left, right)) this.report(node, operator, 'expression.never-equal', { found })
    } else if (!orderable(left, right)) {
      this.wrongType(node, operator, 'decimal | string | date | instant | duration | bool', found)
    }
    return types.bool
  }

  private logic(node: Extract<Node, { kind: 'logic' }>): Type {
    this.needs(node.left, types.bool, node.operator)
    const { whenTrue, whenFalse } = knownFrom(node.left)
    return this.knowing(node.operator === '&&' ? whenTrue : whenFalse, () =>
      this.needs(node.right, types.bool, node.operator),
    )
  }

  private conditional(node: Extract<Node, { kind: 'conditional' }>): Type {
    this.needs(node.test, types.bool, '? :')
    const { whenTrue, whenFalse } = knownFrom(node.test)
    const yes = this.knowing(whenTrue, () => this.infer(node.yes))
    const no = this.knowing(whenFalse, () => this.infer(node.no))
    return join(yes, no) ?? this.mixed(node, '? :', yes, no)
  }

  private common(nodes: readonly Node[]): Type {
    const all = nodes.map((one) => this.infer(one))
    return (
      all.reduce<Type | undefined>((a, b) => (a === undefined ? b : (join(a, b) ?? types.dyn)), undefined) ?? types.dyn
    )
  }

  private recordType(node: Extract<Node, { kind: 'record' }>): Type {
    const fields: [string, { type: Type }][] = []
    for (const { key, value } of node.entries) {
      this.needs(key, types.string, '{ }')
      const type = this.infer(value)
      if (key.kind === 'literal' && typeof key.value === 'string') fields.push([key.value, { type }])
    }
    return fields.length === node.entries.length ? types.record(Object.fromEntries(fields)) : types.map(types.dyn)
  }

  /** Null only when every choice may be null. */
  private coalesced(node: Extract<Node, { kind: 'coalesce' }>): Type {
    const choices = node.choices.map((one) => this.infer(one))
    const type = choices
      .filter(({ kind }) => kind !== 'null')
      .reduce<Type>(
        (a, b) => join(a, stripNull(b)) ?? this.mixed(node, 'coalesce()', a, b),
        stripNull(choices.find(({ kind }) => kind !== 'null') ?? types.null),
      )
    const mayBeNull = choices.every(({ kind }) => kind === 'nullable' || kind === 'null')
    return mayBeNull && type.kind !== 'null' ? types.nullable(type) : type
  }

  private mixed(node: Node, what: string, one: Type, other: Type): Type {
    this.report(node, what, 'expression.mixed-types', { one: typeName(one), other: typeName(other) })
    return types.dyn
  }

  private macro(node: Extract<Node, { kind: 'macro' }>): Type {
    const over = stripNull(this.infer(node.over))
    const keyed = over.kind === 'map' || over.kind === 'record'
    if (!keyed && !fits(over, types.list(types.dyn))) {
      this.wrongType(node, `.${node.macro}()`, 'list', typeName(over))
    }
    const element = over.kind === 'list' ? over.of : keyed ? types.string : types.dyn
    const body = this.within({ name: node.variable, type: element }, () => this.infer(node.body))
    if (node.macro === 'sum') this.expect(node.body, body, types.decimal, '.sum()')
    else if (node.macro !== 'map') this.expect(node.body, body, types.bool, `.${node.macro}()`)
    return resultOf[node.macro](element, body)
  }

  private within<Result>(local: Local, work: () => Result): Result {
    const { locals, notNull } = this
    this.locals = [...locals, local]
    this.notNull = notNull.filter((path) => !startsAt(path, local.name))
    const result = work()
    this.locals = locals
    this.notNull = notNull
    return result
  }

  private knowing<Result>(paths: readonly string[], work: () => Result): Result {
    const before = this.notNull
    this.notNull = [...before, ...paths]
    const result = work()
    this.notNull = before
    return result
  }

  /** Infers, and reports when the type cannot be the needed one. The result is the needed type. */
  private needs(node: Node, needed: Type, what: string): Type {
    this.expect(node, this.infer(node), needed, what)
    return needed
  }

  private expect(node: Node, found: Type, needed: Type, what: string): boolean {
    if (fits(found, needed)) return true
    this.wrongType(node, what, typeName(needed), typeName(found))
    return false
  }

  private wrongType(node: Node, what: string, expected: string, found: string): void {
    this.report(node, what, 'expression.wrong-type', { expected, found })
  }
}

function literalType(value: Extract<Node, { kind: 'literal' }>['value']): Type {
  if (value === null) return types.null
  if (typeof value === 'string') return types.oneOf(value)
  return typeof value === 'boolean' ? types.bool : types.decimal
}
