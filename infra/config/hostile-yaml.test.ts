import { describe, expect, it } from 'vitest'
import { decodeText } from './text-file.ts'
import { nodeToPlain } from './values.ts'
import { readYaml } from './yaml.ts'

const codesOf = (text: string): string[] => readYaml(text, 'flows/a.yaml').problems.map(({ error }) => error.code)

/** Longest a bad file may keep the hub busy; the machine of the tests may be slow. */
const PATIENCE = 4000

function quickly<T>(work: () => T): T {
  const start = performance.now()
  const result = work()
  expect(performance.now() - start).toBeLessThan(PATIENCE)
  return result
}

/** Rows of reliability.md §2.5 H that a YAML reader meets; H07, H09, H10 and H12 stand where names, references and times are read. */
describe('a hostile YAML file', () => {
  it('H01 an alias bomb is refused by what it would become', () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const content = level === 0 ? '"lol"' : Array.from({ length: 9 }, () => `*l${level - 1}`).join(', ')
      return `l${level}: &l${level} [${content}]`
    })
    expect(quickly(() => codesOf(levels.join('\n')))).toEqual(['config.too-many-aliases', 'config.too-large'])
  })

  it('H01 a bomb with few aliases is refused as well', () => {
    const levels = Array.from({ length: 24 }, (_, level) => {
      return `l${level}: &l${level} ${level === 0 ? '[x]' : `[*l${level - 1}, *l${level - 1}]`}`
    })
    expect(quickly(() => codesOf(levels.join('\n')))).toEqual(['config.too-large'])
  })

  it('H01 aliases nested deeper than a file may be are refused', () => {
    const levels = Array.from({ length: 45 }, (_, level) => {
      return `l${level}: &l${level} ${level === 0 ? '[x]' : `[[*l${level - 1}]]`}`
    })
    expect(codesOf(levels.join('\n'))).toEqual(['config.too-deep'])
  })

  it('H02 merge keys are refused, so that they cannot grow', () => {
    expect(codesOf('a: &a { x: 1 }\nb:\n  <<: *a')).toEqual(['config.merge-key'])
    const many = `a: &a { x: 1 }\n${Array.from({ length: 49 }, (_, at) => `b${at}: { <<: *a }`).join('\n')}`
    expect(new Set(codesOf(many))).toEqual(new Set(['config.merge-key']))
  })

  it('H02 an ordered map with very many entries is refused quickly', () => {
    const omap = `a: !!omap\n${Array.from({ length: 20_000 }, (_, at) => `- k${at}: 1`).join('\n')}`
    expect(quickly(() => codesOf(omap))).toContain('config.tag')
  })

  it('H02 very many keys in one map cost time in proportion only', () => {
    const keys = Array.from({ length: 20_000 }, (_, at) => `k${at}: 1`).join('\n')
    expect(quickly(() => codesOf(keys))).toEqual([])
  })

  it.each([
    '__proto__: { polluted: true }',
    'a: { "__proto__": 1 }',
    'constructor: 1',
    'a:\n  - prototype: x',
    'a: &a { "__proto__": { polluted: true } }\nb: *a',
  ])('H03 the key of a prototype is refused: %s', (text) => {
    expect(codesOf(text)).toEqual(['config.forbidden-key'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('H03 a merged prototype is refused', () => {
    expect(codesOf('<<: { __proto__: { polluted: true } }')).toEqual(['config.merge-key', 'config.forbidden-key'])
  })

  it.each([
    '!!js/function "function(){}"',
    '!custom x',
    '!!binary aGk=',
    '!!timestamp 2026-01-01',
    '!!set { a }',
    '!!str 5',
    '! x',
  ])('H04 the tag in "a: %s" is refused', (value) => {
    expect(codesOf(`a: ${value}`)).toEqual(['config.tag'])
  })

  it.each([
    ['lists', '['.repeat(20_000)],
    ['closed lists', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['maps', '{a: '.repeat(20_000)],
    ['dashes', '- '.repeat(20_000)],
    ['question marks', '? '.repeat(20_000)],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`],
  ])('H05 nesting of %s is refused before it can exhaust the stack', (_, text) => {
    expect(quickly(() => codesOf(text))).toEqual(['config.too-deep'])
  })

  it('H05 64 levels are read', () => {
    const { node } = readYaml(`${'['.repeat(64)}${']'.repeat(64)}`, 'a.yaml')
    expect(node && JSON.stringify(nodeToPlain(node))).toBe(`${'['.repeat(64)}${']'.repeat(64)}`)
  })

  it('H08 a file of ten megabytes is refused unread, as too large', () => {
    const { problems } = readYaml('- check: true\n'.repeat(800_000), 'flows/a.yaml')
    expect(problems.map(({ error }) => [error.code, error.status])).toEqual([['config.too-large', 413]])
  })

  it('H08 as many steps as fit into the allowed size are refused by their number', () => {
    expect(quickly(() => codesOf('- {}\n'.repeat(50_001)))).toEqual(['config.too-large'])
  })

  it('H14 tabs as indentation are refused with their place', () => {
    const [first] = readYaml('a:\n\tb: 1', 'a.yaml').problems
    expect(first?.error).toMatchObject({ code: 'config.yaml', place: { line: 2, column: 1 } })
  })

  it('H14 tabs between tokens and CRLF line ends read the same as spaces and LF', () => {
    const { node } = readYaml('a:\t1\r\nb:\r\n  - x\r\n  - "y"\r\n', 'a.yaml')
    expect(node && nodeToPlain(node)).toEqual({ a: 1, b: ['x', 'y'] })
  })

  it('H14 a byte order mark is skipped and moves no place', () => {
    const [first] = readYaml('\uFEFFa: *b', 'a.yaml').problems
    expect(first?.error.place).toMatchObject({ line: 1, column: 4 })
  })

  it.each([
    ['UTF-16, little end first', Buffer.from('\uFEFFa: 1', 'utf16le'), 'config.not-utf8'],
    ['UTF-16, big end first', Buffer.from('\uFEFFa: 1', 'utf16le').swap16(), 'config.not-utf8'],
    ['UTF-16 without a mark', Buffer.from('a: 1', 'utf16le'), 'config.control-character'],
    ['GBK', Buffer.from([0x61, 0x3a, 0x20, 0xb8, 0xb6, 0xbf, 0xee]), 'config.not-utf8'],
    ['a NUL', Buffer.from('a: "x\0y"'), 'config.control-character'],
  ])('H14 %s is refused', (_, bytes, code) => {
    expect(decodeText(bytes, 'a.yaml', 1000).problems.map(({ error }) => error.code)).toEqual([code])
  })
})
