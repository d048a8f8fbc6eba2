import { Decimal } from '@shuniu/contracts'
import { describe, expect, it } from 'vitest'
import { isMap, isScalar, nodeAt, placeIn, placeOf, placeOfKey, type YamlNode } from './node.ts'
import { nodeToPlain, nodeToValue } from './values.ts'
import { readYaml } from './yaml.ts'

function read(text: string): YamlNode {
  const { node, problems } = readYaml(text, 'flows/a.yaml')
  expect(problems.map((one) => one.error.message)).toEqual([])
  if (!node) throw new Error('no node')
  return node
}

/** `code line:column` of each problem. */
function problemsOf(text: string): string[] {
  const { node, problems } = readYaml(text, 'flows/a.yaml')
  expect(node).toBeUndefined()
  return problems.map(({ error }) => `${error.code} ${error.place?.line}:${error.place?.column}`)
}

describe('a YAML file', () => {
  it('gives each value the place it stands at', () => {
    const node = read('flow: a\nsteps:\n  - check: event.x == 1\n')
    const check = nodeAt(node, ['steps', 0, 'check'])
    expect(check && placeOf(check)).toEqual({ file: 'flows/a.yaml', line: 3, column: 12 })
    expect(placeOfKey(node, 'steps')).toMatchObject({ line: 2, column: 1 })
    expect(placeOfKey(node, 'nothing')).toMatchObject({ line: 1, column: 1 })
  })

  it.each([
    ['plain', 'a: = one + two', 13],
    ['in double quotes', 'a: "= one + two"', 14],
    ['in single quotes', "a: '= one + two'", 14],
    ['with an escape, where the text begins', 'a: "= one + \\u0074wo"', 4],
    ['in a block, where the block begins', 'a: |\n  = one + two', 4],
  ])('points into a text written %s', (_, text, column) => {
    const node = nodeAt(read(text), ['a'])
    if (!isScalar(node)) throw new Error('no text')
    expect(placeIn(node, 9)).toMatchObject({ line: 1, column })
  })

  it('keeps the digits of a number', () => {
    const value = nodeToValue(read('[1.10, 12345678901234567890.123456789, -0.5, +7, .5, 5., 1e2, 0x1F, 0o17]'))
    expect(value).toEqual(
      ['1.10', '12345678901234567890.123456789', '-0.5', '7', '0.5', '5', '100', '31', '15'].map(
        (text) => new Decimal(text),
      ),
    )
  })

  it('gives plain data to schemas, and a text where a JS number would round', () => {
    expect(nodeToPlain(read('{ a: 1, b: 0.1, c: 9007199254740993, d: ~, e: yes, f: true, g: [x] }'))).toEqual({
      a: 1,
      b: 0.1,
      c: '9007199254740993',
      d: null,
      e: 'yes',
      f: true,
      g: ['x'],
    })
  })

  it('writes aliases out', () => {
    const node = read('a: &one { x: 1 }\nb: *one\nc: [*one, *one]')
    expect(nodeToPlain(node)).toEqual({ a: { x: 1 }, b: { x: 1 }, c: [{ x: 1 }, { x: 1 }] })
  })

  it('takes a missing value as null', () => {
    expect(nodeToPlain(read('a:\nb: { c, d: }\n? e'))).toEqual({ a: null, b: { c: null, d: null }, e: null })
  })

  it('takes keys as texts, whatever they look like', () => {
    const node = read('1: a\ntrue: b\n2026-01-01: c\non: d')
    expect(isMap(node) && node.items.map((entry) => entry.key.value)).toEqual(['1', 'true', '2026-01-01', 'on'])
  })

  it.each([
    ['nothing', '', 'config.empty 1:1'],
    ['only comments', '# nothing\n', 'config.empty 1:1'],
    ['a second document', 'a: 1\n---\nb: 2\n', 'config.many-documents 2:1'],
    ['a YAML 1.1 directive', '%YAML 1.1\n---\na: 1', 'config.directive 1:1'],
    ['a tag directive', '%TAG ! tag:x,2026:\n---\na: 1', 'config.directive 1:1'],
    ['a key twice', 'a: 1\nb: 2\na: 3', 'config.duplicate-key 3:1'],
    ['a key twice, written in two ways', 'a: 1\n"a": 3', 'config.duplicate-key 2:1'],
    ['a list as a key', '? [a]\n: b', 'config.yaml 1:3'],
    ['a number that loses its zeros', 'book: 001', 'config.leading-zero 1:7'],
    ['a number without end', 'a: .inf', 'config.bad-number 1:4'],
    ['a number with a monstrous exponent', 'a: 1e999999', 'config.bad-number 1:4'],
    ['a number of a thousand digits', `a: ${'9'.repeat(1000)}`, 'config.bad-number 1:4'],
    ['an alias to nothing', 'a: *b', 'config.bad-alias 1:4'],
    ['an alias into itself', 'a: &b [*b]', 'config.bad-alias 1:8'],
    ['an open quote', 'a: "b', 'config.yaml 1:6'],
    ['an unquoted colon in an expression', 'where: a ? b : c', 'config.yaml 1:8'],
    ['characters that reorder the line on the screen', 'a: b\u202Ec', 'config.control-character 1:5'],
  ])('is refused for %s', (_, text, expected) => {
    expect(problemsOf(text)).toEqual([expected])
  })

  it('says everything that is wrong at once', () => {
    expect(problemsOf('a: !x 1\na: 2\nb: { __proto__: 1 }\nc: *d')).toEqual([
      'config.tag 1:7',
      'config.duplicate-key 2:1',
      'config.forbidden-key 3:6',
      'config.bad-alias 4:4',
    ])
  })

  it('does not flood the reader', () => {
    expect(problemsOf(': ]\n'.repeat(5000)).length).toBeLessThanOrEqual(10)
    expect(problemsOf('- !x 1\n'.repeat(5000)).length).toBeLessThanOrEqual(50)
  })
})
