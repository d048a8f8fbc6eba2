import { problem, type ErrorCode, type ErrorParameters, type Place, type Problem, type Value } from '@shuniu/contracts'
import { isMap, isScalar, isSeq, placeIn, placeOf, type YamlList, type YamlMap, type YamlNode } from '../config/node.ts'
import { nodeToValue } from '../config/values.ts'
import type { Local } from './check.ts'
import { constantCode } from './code.ts'
import type { HostCall, Names } from './environment.ts'
import { fits } from './operators.ts'
import { prepare, type Prepared } from './prepare.ts'
import { siteAt, type Locate } from './site.ts'
import { suggest } from './suggest.ts'
import { isEach, listCode, recordCode, type EachPart, type FieldPart, type Part } from './template-part.ts'
import { compileText } from './template-text.ts'
import { assignable, fieldOf, join, stripNull, typeName, types, type RecordType, type Type } from './types.ts'

/** A key that reaches behind an object or out of its place, alone or as a segment of a path. */
const FORBIDDEN = /(?:^|[./\\[\]"'])(?:__proto__|constructor|prototype|\.\.)(?:$|[./\\[\]"'])/

type Entry = YamlMap['items'][number]

/** Walks a YAML value and makes parts of it; problems are gathered, never thrown. */
export class TemplateBuilder {
  readonly problems: Problem[] = []
  readonly variables = new Set<string>()
  readonly calls: HostCall[] = []
  private readonly names: Names

  constructor(names: Names) {
    this.names = names
  }

  build(node: YamlNode, expected: Type, path: string, locals: readonly Local[]): Part {
    if (isMap(node)) return this.map(node, expected, path, locals)
    if (isSeq(node)) return this.list(node, expected, path, locals)
    const { value } = node
    if (typeof value !== 'string') return this.constant(node, nodeToValue(node), expected, path)
    return this.text(node, value, expected, path, locals)
  }

  /** An expression that stands alone in a scalar, as in `where:`; its result fits `expected`. */
  bare(node: YamlNode, expected: Type, path: string, locals: readonly Local[]): Prepared | undefined {
    if (!isScalar(node)) {
      this.wrongType(placeOf(node), path, isMap(node) ? 'record' : 'list', expected)
      return undefined
    }
    const source = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
    return this.expression(source, (offset) => placeIn(node, offset), expected, path, locals)
  }

  private expression(
    source: string,
    locate: Locate,
    expected: Type,
    path: string,
    locals: readonly Local[],
  ): Prepared | undefined {
    const { prepared, problems } = prepare(source, this.names, locate, locals)
    this.problems.push(...problems)
    if (!prepared) return undefined
    this.learn(prepared)
    if (!assignable(prepared.type, expected)) this.wrongType(locate(0), path, typeName(prepared.type), expected)
    return prepared
  }

  private text(node: YamlNode, value: string, expected: Type, path: string, locals: readonly Local[]): Part {
    const locate: Locate = (offset) => (isScalar(node) ? placeIn(node, offset) : placeOf(node))
    if (value.startsWith('=')) {
      const source = value.slice(1)
      const prepared = this.expression(source, (offset) => locate(offset + 1), expected, path, locals)
      if (!prepared) return nothing
      return { type: prepared.type, code: prepared.code, made: { of: 'expression', source: source.trim() } }
    }
    const { code, parts, problems } = compileText(value, this.names, locate, locals)
    this.problems.push(...problems)
    for (const part of parts) this.learn(part)
    if ('constant' in code) return this.constant(node, code.constant ?? null, expected, path)
    if (!fits(types.string, expected)) this.wrongType(placeOf(node), path, 'string', expected)
    return { type: types.string, code, made: { of: 'expression', source: value } }
  }

  private constant(node: YamlNode, value: Value, expected: Type, path: string): Part {
    const type = constantType(value)
    if (!assignable(type, expected)) this.wrongType(placeOf(node), path, typeName(type), expected)
    return { type, code: constantCode(value), made: { of: 'constant' } }
  }

  private map(node: YamlMap, expected: Type, path: string, locals: readonly Local[]): Part {
    const wanted = stripNull(expected)
    if (!fits(types.map(types.dyn), wanted)) {
      this.wrongType(placeOf(node), path, 'record', expected)
      return nothing
    }
    return this.record(node, node.items, wanted, path, locals)
  }

  private record(
    node: YamlNode,
    entries: readonly Entry[],
    wanted: Type,
    path: string,
    locals: readonly Local[],
  ): Part {
    const fields = entries.flatMap((entry) => this.field(entry, wanted, path, locals))
    if (wanted.kind === 'record') this.missing(node, entries, wanted, path)
    const type = types.record(Object.fromEntries(fields.map(({ name, part }) => [name, { type: part.type }])))
    return { type, code: recordCode(fields), made: { of: 'record', fields } }
  }

  private field({ key, value }: Entry, wanted: Type, path: string, locals: readonly Local[]): FieldPart[] {
    const name = key.value
    const inner = `${path}.${name}`
    const field = wanted.kind === 'record' ? fieldOf(wanted, name) : undefined
    if (FORBIDDEN.test(name)) this.report(placeOf(key), 'expression.forbidden-name', { what: name })
    else if (wanted.kind === 'record' && !field) {
      const nearest = suggest(name, Object.keys(wanted.fields))
      this.report(placeOf(key), 'template.unknown-field', { path: inner, record: typeName(wanted), nearest })
    }
    const type = field?.type ?? (wanted.kind === 'map' ? wanted.of : types.dyn)
    const dropsNull = field?.optional === true && type.kind !== 'nullable'
    const expected = dropsNull ? types.nullable(type) : type
    const part = value ? this.build(value, expected, inner, locals) : this.constant(key, null, expected, inner)
    return [{ name, part, dropsNull }]
  }

  private missing(node: YamlNode, entries: readonly Entry[], wanted: RecordType, path: string): void {
    const given = new Set(entries.map(({ key }) => key.value))
    for (const [name, { type, optional }] of Object.entries(wanted.fields)) {
      if (optional || given.has(name) || type.kind === 'nullable') continue
      const parameters = { path: `${path}.${name}`, record: typeName(wanted), expected: typeName(type) }
      this.report(placeOf(node), 'template.missing-field', parameters)
    }
  }

  private list(node: YamlList, expected: Type, path: string, locals: readonly Local[]): Part {
    const wanted = stripNull(expected)
    if (!fits(types.list(types.dyn), wanted)) {
      this.wrongType(placeOf(node), path, 'list', expected)
      return nothing
    }
    const of = wanted.kind === 'list' ? wanted.of : types.dyn
    const items = node.items.flatMap((item, position) => this.item(item, of, `${path}[${position}]`, locals))
    const element = items.map((item) => (isEach(item) ? item.part.type : item.type))
    const type = types.list(
      element.reduce<Type | undefined>((a, b) => (a ? (join(a, b) ?? types.dyn) : b), undefined) ?? of,
    )
    return { type, code: listCode(items), made: { of: 'list', items } }
  }

  private item(node: YamlNode, of: Type, path: string, locals: readonly Local[]): (Part | EachPart)[] {
    const entry = (name: string): Entry | undefined =>
      isMap(node) ? node.items.find(({ key }) => key.value === name) : undefined
    const each = entry('each')?.value
    if (!each || !isMap(node)) return [this.build(node, of, path, locals)]
    const header = this.header(each, path, locals)
    if (!header) return []
    const { over, local } = header
    const inside = [...locals, local]
    const condition = entry('when')?.value
    if (!fits(types.map(types.dyn), stripNull(of))) this.wrongType(placeOf(node), path, 'record', of)
    const when = condition ? this.bare(condition, types.bool, `${path}.when`, inside) : undefined
    const entries = node.items.filter(({ key }) => key.value !== 'each' && key.value !== 'when')
    const part = this.record(node, entries, stripNull(of), path, inside)
    const site = siteAt(() => placeOf(each), 0, 'each')
    return [
      {
        over,
        when,
        part,
        slot: Object.keys(this.names.variables).length + locals.length,
        cost: entries.length + 1,
        site,
      },
    ]
  }

  private header(node: YamlNode, path: string, locals: readonly Local[]): { over: Prepared; local: Local } | undefined {
    const text = isScalar(node) && typeof node.value === 'string' ? node.value : ''
    const split = text.lastIndexOf(' as ')
    const name = text.slice(split + 4).trim()
    if (split === -1 || !isScalar(node) || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      this.report(placeOf(node), 'template.bad-each', { path, found: text })
      return undefined
    }
    const locate: Locate = (offset) => placeIn(node, offset)
    const over = this.expression(text.slice(0, split), locate, types.list(types.dyn), `${path}.each`, locals)
    const type = over ? stripNull(over.type) : types.dyn
    return over && { over, local: { name, type: type.kind === 'list' ? type.of : types.dyn } }
  }

  private learn({ variables, calls }: Prepared): void {
    for (const name of variables) this.variables.add(name)
    this.calls.push(...calls)
  }

  private wrongType(place: Place, path: string, found: string, expected: Type): void {
    this.report(place, 'template.wrong-type', { path, found, expected: typeName(expected) })
  }

  private report(place: Place, code: ErrorCode, parameters: ErrorParameters): void {
    this.problems.push(problem(code, parameters, place))
  }
}

/** Stands where a problem was reported. */
const nothing: Part = { type: types.dyn, code: constantCode(null), made: { of: 'constant' } }

function constantType(value: Value): Type {
  if (value === null) return types.null
  if (typeof value === 'string') return types.oneOf(value)
  return typeof value === 'boolean' ? types.bool : types.decimal
}
