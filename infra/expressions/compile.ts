import type { Value } from '@shuniu/contracts'
import { isForbidden, type Node, type Relation } from './ast.ts'
import { checkItems, type Frame } from './budget.ts'
import { after, awaited, binary, constantCode, folded, nary, direct, unary, type Code } from './code.ts'
import { compileCall } from './compile-call.ts'
import type { Names } from './environment.ts'
import { compileMacro } from './macro.ts'
import { hasField, index, ownValue, selector } from './access.ts'
import { add, multiply, negate, not, subtract } from './arithmetic.ts'
import { compare, equal, isIn } from './comparison.ts'
import { bool, clip, data, wrongType } from './values.ts'
import { siteAt, type Locate, type Site } from './site.ts'

/**
 * Tree → closures. The tree has been checked. `locals` = names whose values stand in the frame, outermost first.
 */
export function compile(node: Node, names: Names, locate: Locate, locals: readonly string[] = []): Code {
  return new Compiler(names, locate).code(node, locals)
}

type Of<Kind extends Node['kind']> = Extract<Node, { kind: Kind }>
/** Names of the macro variables that are in reach, outermost first: their position is their place in the frame. */
type Locals = readonly string[]

class Compiler {
  private readonly names: Names
  private readonly variables: readonly string[]
  private readonly locate: Locate

  constructor(names: Names, locate: Locate) {
    this.names = names
    this.variables = Object.keys(names.variables)
    this.locate = locate
  }

  code(node: Node, locals: Locals): Code {
    switch (node.kind) {
      case 'literal':
        return constantCode(node.value)
      case 'name':
        return this.name(node, locals)
      case 'select':
        return this.select(node, locals)
      case 'has':
        return this.has(node, locals)
      case 'index':
        return this.index(node, locals)
      case 'not':
        return this.unary(node, locals, not, '!')
      case 'negate':
        return this.unary(node, locals, negate, '-')
      case 'arithmetic':
        return this.arithmetic(node, locals)
      case 'relation':
        return this.relation(node, locals)
      case 'logic':
        return this.logic(node, locals)
      case 'conditional':
        return this.conditional(node, locals)
      case 'list':
        return this.list(node, locals)
      case 'record':
        return this.record(node, locals)
      case 'coalesce':
        return this.coalesce(node, locals)
      case 'call':
        return this.call(node, locals)
      case 'macro':
        return this.macro(node, locals)
    }
  }

  private site(node: Node, what: string): Site {
    return siteAt(this.locate, node.at, what)
  }

  private name(node: Of<'name'>, locals: Locals): Code {
    const { slot, read } = this.placeOf(node, locals)
    return direct((frame) => frame.slots[slot] ?? read(frame))
  }

  /** Where the frame has the value of a name, and how it is read while it does not. */
  private placeOf(node: Of<'name'>, locals: Locals): { slot: number; read: (frame: Frame) => Value } {
    const { name } = node
    const local = locals.lastIndexOf(name)
    if (local !== -1) return { slot: this.variables.length + local, read: () => null }
    const site = this.site(node, name)
    const slot = this.variables.indexOf(name)
    const read = (frame: Frame): Value => {
      const found = ownValue(frame.scope, name)
      if (found === undefined) throw site.fail('expression.unknown-name', { nearest: '—' })
      const value = data(site, found)
      if (slot !== -1) frame.slots[slot] = value
      return value
    }
    return { slot, read }
  }

  private select(node: Of<'select'>, locals: Locals): Code {
    const { field } = node
    const select = selector(this.site(node, `.${field}`), field)
    if (node.of.kind === 'name') {
      const { slot, read } = this.placeOf(node.of, locals)
      return direct((frame) => select(frame.slots[slot] ?? read(frame)))
    }
    return unary(this.code(node.of, locals), (_, value) => select(value))
  }

  private has(node: Of<'has'>, locals: Locals): Code {
    const { field } = node
    const site = this.site(node, `has(.${field})`)
    return unary(this.code(node.of, locals), (_, value) => hasField(site, field, value))
  }

  private index(node: Of<'index'>, locals: Locals): Code {
    const site = this.site(node, '[ ]')
    return binary(this.code(node.of, locals), this.code(node.index, locals), (frame, of, key) =>
      index(site, frame, of, key),
    )
  }

  private unary(node: Of<'not' | 'negate'>, locals: Locals, apply: typeof not | typeof negate, what: string): Code {
    const site = this.site(node, what)
    return unary(this.code(node.of, locals), (frame, value) => apply(site, frame, value))
  }

  private arithmetic(node: Of<'arithmetic'>, locals: Locals): Code {
    const apply = { '+': add, '-': subtract, '*': multiply }[node.operator]
    const site = this.site(node, node.operator)
    const parts = [this.code(node.left, locals), this.code(node.right, locals)] as const
    const code = binary(...parts, (frame, left, right) => apply(site, frame, left, right))
    return folded(code, parts)
  }

  private relation(node: Of<'relation'>, locals: Locals): Code {
    const holds = relations[node.operator]
    const site = this.site(node, node.operator)
    return binary(this.code(node.left, locals), this.code(node.right, locals), (frame, left, right) =>
      holds(site, frame, left, right),
    )
  }

  /** The right side is evaluated only when the left does not decide; an error on the left always surfaces. */
  private logic(node: Of<'logic'>, locals: Locals): Code {
    const decisive = node.operator === '||'
    const site = this.site(node, node.operator)
    const [left, right] = [this.code(node.left, locals), this.code(node.right, locals)]
    if (left.asynchronous || right.asynchronous) {
      return awaited((frame) =>
        after(left.run(frame), (first) =>
          bool(site, first) === decisive ? decisive : after(right.run(frame), (second) => bool(site, second)),
        ),
      )
    }
    return direct((frame) => (bool(site, left.run(frame)) === decisive ? decisive : bool(site, right.run(frame))))
  }

  private conditional(node: Of<'conditional'>, locals: Locals): Code {
    const site = this.site(node, '? :')
    const test = this.code(node.test, locals)
    const [yes, no] = [this.code(node.yes, locals), this.code(node.no, locals)]
    if (test.asynchronous || yes.asynchronous || no.asynchronous) {
      return awaited((frame) => after(test.run(frame), (holds) => (bool(site, holds) ? yes.run(frame) : no.run(frame))))
    }
    return direct((frame) => (bool(site, test.run(frame)) ? yes.run(frame) : no.run(frame)))
  }

  private list(node: Of<'list'>, locals: Locals): Code {
    const parts = node.items.map((item) => this.code(item, locals))
    return folded(
      nary(parts, (_, values) => values),
      parts,
    )
  }

  private record(node: Of<'record'>, locals: Locals): Code {
    const site = this.site(node, '{ }')
    const parts = node.entries.flatMap(({ key, value }) => [this.code(key, locals), this.code(value, locals)])
    return nary(parts, (frame, values) => recordOf(site, frame, values))
  }

  private coalesce(node: Of<'coalesce'>, locals: Locals): Code {
    const choices = node.choices.map((choice) => this.code(choice, locals))
    return choices.reduceRight((rest, choice) => {
      if (choice.asynchronous || rest.asynchronous) {
        return awaited((frame) => after(choice.run(frame), (value) => value ?? rest.run(frame)))
      }
      return direct((frame) => choice.run(frame) ?? rest.run(frame))
    })
  }

  private call(node: Of<'call'>, locals: Locals): Code {
    const parts = node.given.map((one) => this.code(one, locals))
    const code = compileCall(node, parts, this.names, this.site(node, `${node.name}()`))
    const pure = !this.names.functions || !Object.hasOwn(this.names.functions, node.name) || node.method
    return pure ? folded(code, parts) : code
  }

  private macro(node: Of<'macro'>, locals: Locals): Code {
    return compileMacro({
      macro: node.macro,
      site: this.site(node, `.${node.macro}()`),
      over: this.code(node.over, locals),
      body: this.code(node.body, [...locals, node.variable]),
      slot: this.variables.length + locals.length,
      cost: node.body.size,
    })
  }
}

type Holds = (site: Site, frame: Frame, left: Value, right: Value) => boolean

const relations: Readonly<Record<Relation, Holds>> = {
  '==': equal,
  '!=': (site, frame, left, right) => !equal(site, frame, left, right),
  '<': (site, _, left, right) => compare(site, left, right) < 0,
  '<=': (site, _, left, right) => compare(site, left, right) <= 0,
  '>': (site, _, left, right) => compare(site, left, right) > 0,
  '>=': (site, _, left, right) => compare(site, left, right) >= 0,
  in: isIn,
}

/** Keys and values in turn; keys are texts, and each one comes once. */
function recordOf(site: Site, frame: Frame, values: readonly Value[]): Value {
  const record: Record<string, Value> = {}
  checkItems(site, frame, values.length / 2)
  for (let at = 0; at + 1 < values.length; at += 2) {
    const [key, value] = [values[at] ?? null, values[at + 1] ?? null]
    if (typeof key !== 'string') throw wrongType(site, 'string', key)
    if (isForbidden(key)) throw site.fail('expression.forbidden-name', { what: key })
    if (Object.hasOwn(record, key)) throw site.fail('expression.duplicate-key', { key: clip(key) })
    record[key] = value
  }
  return record
}
