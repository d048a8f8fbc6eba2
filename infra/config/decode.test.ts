import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { decode, validate } from './decode.ts'
import { nodeAt, placeOf, type YamlNode } from './node.ts'
import { duration, expression, located, template } from './parts.ts'
import { readYaml } from './yaml.ts'

function read(text: string): YamlNode {
  const { node } = readYaml(text, 'a.yaml')
  if (!node) throw new Error('no node')
  return node
}

const shape = located(
  z.strictObject({
    name: z.string(),
    count: z.int().min(1).max(9).optional(),
    mode: z.enum(['auto', 'park']).default('park'),
    where: expression().optional(),
    with: template(),
    entries: z.array(located(z.strictObject({ value: template(), wait: duration('1s', '1h').optional() }))).optional(),
  }),
)

/** `code line:column parameters` of each problem. */
function wrongWith(text: string, schema: z.ZodType = shape): string[] {
  return decode(read(text), schema).problems.map(({ error }) => {
    const { key, nearest, bound, allowed } = error.parameters
    const told = [key, nearest, bound, allowed].filter((one) => one !== undefined).join(' ')
    return `${error.code} ${error.place?.line}:${error.place?.column} ${told}`
  })
}

describe('decode', () => {
  it('shows how what is missing is written, and what a bare number was meant for', () => {
    const schema = z.strictObject({ wait: duration('1s', '1h'), pause: duration('1s', '1h'), name: z.string() })
    const [missing, plain, number] = decode(read('pause: 8'), schema).problems.map(({ error }) => error)
    expect(missing?.help('en')).toBe('Add it: `wait: 10s`.')
    expect(plain?.help('en')).toBe('Add it: `name: …`.')
    expect(number?.say('en')).toBe('"pause" does not have the right form, such as 8s.')
  })

  it('gives plain values, and nodes where expressions are', () => {
    const node = read('name: a\nwhere: x == 1\nwith: { y: = 2 }\nentries:\n  - value: [1.10]\n    wait: 90s')
    const { value, problems } = decode(node, shape)
    expect(problems).toEqual([])
    expect(value).toMatchObject({ name: 'a', mode: 'park', node })
    expect(value?.where && placeOf(value.where)).toMatchObject({ line: 2, column: 8 })
    expect(value?.with).toBe(nodeAt(node, ['with']))
    const [entry] = value?.entries ?? []
    expect(entry?.value).toBe(nodeAt(node, ['entries', 0, 'value']))
    expect(entry?.node).toBe(nodeAt(node, ['entries', 0]))
    expect(entry?.wait?.ms).toBe(90_000)
  })

  it.each([
    ['a missing key, at the map that lacks it', 'with: 1', 'config.missing-key 1:1 name'],
    ['a missing part with expressions', 'name: a', 'config.missing-key 1:1 with'],
    ['an unknown key, with the nearest right one', 'name: a\nwiht: 1\nwith: 2', 'config.unknown-key 2:1 wiht with'],
    ['a number for a text', 'name: 5\nwith: 1', 'config.expected-text 1:7 name'],
    ['a text for a number', 'name: a\nwith: 1\ncount: two', 'config.expected-number 3:8 count'],
    ['a broken number for a whole one', 'name: a\nwith: 1\ncount: 1.5', 'config.expected-whole-number 3:8 count'],
    ['a number too small', 'name: a\nwith: 1\ncount: 0', 'config.at-least 3:8 count 1'],
    ['a number too large', 'name: a\nwith: 1\ncount: 10', 'config.at-most 3:8 count 9'],
    ['a word of no list', 'name: a\nwith: 1\nmode: prak', 'config.not-allowed 3:7 mode park auto, park'],
    ['a map for a list', 'name: a\nwith: 1\nentries: { a: 1 }', 'config.expected-list 3:10 entries'],
    ['a text for a map', 'name: a\nwith: 1\nentries: [x]', 'config.expected-map 3:11 entries[0]'],
    ['a list for an expression', 'name: a\nwith: 1\nwhere: [x]', 'config.expected-expression 3:8 where'],
    ['nothing for an expression', 'name: a\nwith: 1\nwhere:', 'config.expected-expression 3:7 where'],
    [
      'a length of time without a unit',
      'name: a\nwith: 1\nentries: [{ value: 1, wait: "5" }]',
      'config.bad-format 3:29 entries[0].wait',
    ],
    [
      'a length of time too short',
      'name: a\nwith: 1\nentries: [{ value: 1, wait: 1ms }]',
      'config.at-least 3:29 entries[0].wait 1s',
    ],
    ['a text at the top', 'x', 'config.expected-map 1:1 /'],
  ])('reports %s', (_, text, expected) => {
    expect(wrongWith(text)).toEqual([expected])
  })

  it('reports everything at once, in the order of the file', () => {
    expect(wrongWith('nmae: a\ncount: 0\nentries:\n  - vlaue: 1\nmode: x').map((one) => one.split(' ')[0])).toEqual([
      'config.missing-key',
      'config.missing-key',
      'config.unknown-key',
      'config.at-least',
      'config.missing-key',
      'config.unknown-key',
      'config.not-allowed',
    ])
  })

  it('speaks of the option of a union that was most likely meant', () => {
    const union = z.union([
      z.strictObject({ token: z.string(), aesKey: z.string() }),
      z.strictObject({ user: z.string(), password: z.string(), tenant: z.string() }),
    ])
    expect(wrongWith('token: a\naeskey: b', union)).toEqual([
      'config.missing-key 1:1 aesKey',
      'config.unknown-key 2:1 aeskey aesKey',
    ])
  })

  it('reports wrong names of a map at the name', () => {
    const named = z.record(z.string().max(3), z.boolean())
    expect(wrongWith('ab: true\nabcd: true', named)).toEqual(['config.at-most 2:1 abcd 3'])
  })

  it('never shows a value in a problem, for it may be a secret', () => {
    const schema = z.strictObject({ secret: z.string().min(40).regex(/^x/), other: z.enum(['a']), third: z.number() })
    const plain = { secret: 'hunter2-hunter2', other: 'hunter2-hunter2', third: 'hunter2-hunter2' }
    const { problems } = validate(plain, read('{ secret: "${env:A}", other: "${env:A}", third: "${env:A}" }'), schema)
    expect(problems).toHaveLength(4)
    for (const { error } of problems) {
      const shown = [
        error.message,
        error.help('en'),
        error.help('zh'),
        error.say('zh'),
        JSON.stringify(error.parameters),
      ]
      expect(shown.join()).not.toContain('hunter2')
    }
  })
})
