import { Day, Decimal, Duration, HubError, Instant, isDecimal, type Value } from '@shuniu/contracts'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, packValue, parseJson, unpackValue, writeJson, type JsonLimits } from './index.ts'

function codeOf(text: string | Uint8Array, limits?: JsonLimits): string {
  try {
    parseJson(text, limits)
    return 'fine'
  } catch (error) {
    return error instanceof HubError ? error.code : 'surprise'
  }
}

/** An object of so many numbered keys. */
function object(count: number): string {
  return `{${Array.from({ length: count }, (_, index) => `"${index}":0`).join(',')}}`
}

/** The same value with JS numbers, to compare with what JSON.parse says. */
function plain(value: Value): unknown {
  if (isDecimal(value)) return Number(value.toString())
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
  return value
}

describe('parseJson', () => {
  it('reads what JSON.parse reads, and the same', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const expected: unknown = JSON.parse(text)
        // -0 and 0 are one decimal.
        expect(JSON.stringify(plain(parseJson(text, { duplicateKeys: 'last' })))).toBe(JSON.stringify(expected))
      }),
    )
  })

  it('refuses what JSON.parse refuses, and nothing else', () => {
    const piece = fc.constantFrom(
      ...'{}[]",:\\-+.eE01x u/\n\t\u0000',
      '"a"',
      'null',
      'tru',
      'false',
      '\\u00',
      '1e5',
      '\ufeff',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        fc.pre(!/e[+-]?\d{3}/i.test(text))
        let valid = true
        try {
          JSON.parse(text)
        } catch {
          valid = false
        }
        expect(codeOf(text, { duplicateKeys: 'last' })).toBe(valid ? 'fine' : 'json.syntax')
      }),
      { numRuns: 3000 },
    )
  })

  it('keeps every digit of an amount and of a long id', () => {
    const value = parseJson('{"amount":12345678901234567.89,"id":922337203685477580712,"exp":1.5e-7}')
    expect(writeJson(value)).toBe('{"amount":12345678901234567.89,"id":922337203685477580712,"exp":0.00000015}')
  })

  it('says line and column of what is wrong, and nothing of the text', () => {
    const error = (() => {
      try {
        return parseJson('{\n  "salary": 9000,\n  "name": 张}')
      } catch (caught) {
        return caught
      }
    })()
    expect(error).toMatchObject({ code: 'json.syntax', parameters: { line: 3, column: 11, expected: 'a value' } })
    expect(String(error)).not.toMatch(/salary|张/)
  })

  it('reads bytes as UTF-8, with or without a byte order mark, and refuses other encodings', () => {
    expect(parseJson(Buffer.from('\ufeff"金蝶"'))).toBe('金蝶')
    expect(codeOf(Uint8Array.of(0x22, 0xbd, 0xf0, 0x22))).toBe('json.not-utf8')
  })

  it('refuses a key that stands twice, however it is escaped, unless the last may count', () => {
    expect(codeOf('{"FId":1,"FI\\u0064":2}')).toBe('json.duplicate-key')
    expect(codeOf('{"a":null,"a":null}')).toBe('json.duplicate-key')
    expect(plain(parseJson('{"a":1,"a":2}', { duplicateKeys: 'last' }))).toEqual({ a: 2 })
    expect(codeOf('[{"a":1},{"a":1}]')).toBe('fine')
  })

  it('refuses numbers whose digits would fill the memory', () => {
    expect(codeOf('1e400')).toBe('fine')
    expect(codeOf('1e999999999')).toBe('json.number-range')
    expect(codeOf(`1${'0'.repeat(400)}`)).toBe('json.number-range')
  })

  it('E02: 100,000 levels are refused before anything recurses', () => {
    expect(codeOf('['.repeat(100_000) + ']'.repeat(100_000))).toBe('json.too-deep')
    expect(codeOf('{"a":'.repeat(100_000))).toBe('json.too-deep')
    expect(codeOf('['.repeat(64) + ']'.repeat(64))).toBe('fine')
    expect(codeOf(`[${'[],'.repeat(1000)}[]]`)).toBe('fine')
  })

  it('E03: __proto__ and constructor.prototype are data in their own keys and pollute nothing', () => {
    const value = parseJson('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}')
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
    expect((value as Record<string, unknown>)['admin']).toBeUndefined()
    expect(writeJson(value)).toBe('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}')
    expect(writeJson(unpackValue(packValue(value)))).toBe(writeJson(value))
  })

  it('F01: names of built-in methods are data, and absent when not written', () => {
    const value = parseJson('{"toString":"a","hasOwnProperty":"b","__defineGetter__":"c"}') as Record<string, unknown>
    expect({ ...value }).toEqual({ toString: 'a', hasOwnProperty: 'b', __defineGetter__: 'c' })
    expect((parseJson('{}') as Record<string, unknown>)['toString']).toBeUndefined()
  })

  it('F02: 100,000 keys are read in linear time, and too many are refused', () => {
    expect(codeOf(object(100_000))).toBe('fine')
    expect(codeOf(object(101), { maxKeys: 100 })).toBe('json.too-many-keys')
    expect(codeOf(`[${'0,'.repeat(100)}0]`, { maxKeys: 100 })).toBe('json.too-many-keys')
  })

  it('F03: NUL, direction override, zero width, emoji and rare characters come back as they were', () => {
    const odd = '\u0000\u202e\u200b😀𠮷\ud800'
    expect(parseJson(JSON.stringify(odd))).toBe(odd)
    expect(parseJson(writeJson({ [odd]: odd }))).toEqual({ [odd]: odd })
    expect(unpackValue(packValue({ [odd]: odd }))).toEqual({ [odd]: odd })
  })

  it('F08: a string of 10 MB is refused by size', () => {
    expect(codeOf(`"${'x'.repeat(10 * 1024 * 1024)}"`)).toBe('json.too-large')
    expect(codeOf(`"${'汉'.repeat(10)}"`, { maxBytes: 31 })).toBe('json.too-large')
  })
})

/** Any value of the hub. */
const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.string({ unit: 'binary' }),
    fc.tuple(fc.bigInt(), fc.nat(12)).map(([digits, scale]) => new Decimal(`${digits}e-${scale}`)),
    fc.integer({ min: -700_000, max: 2_900_000 }).map((day) => Day.ofEpochDay(day)),
    fc.maxSafeInteger().map((ms) => new Instant(ms)),
    fc.maxSafeNat().map((ms) => new Duration(ms)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('$dec', '$$day', '$', '__proto__', '1')), tie('value'), {
      maxKeys: 4,
      noNullPrototype: false,
    }),
  ),
}))

describe('writing', () => {
  it('gives every kind of value back from our own stores exactly', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const back = unpackValue(packValue(value))
        expect(back).toEqual(value)
        expect(packValue(back)).toBe(packValue(value))
      }),
    )
  })

  it('refuses stored text that it did not write', () => {
    for (const text of ['1', '{"$dec":"x"}', '{"$day":"2026-02-30"}', '{"$new":"1"}', '{"$at":"soon"}', '{"$dur":""}'])
      expect(() => unpackValue(text), text).toThrow(expect.objectContaining({ code: 'json.not-packed' }))
  })

  it('writes decimals as numbers without exponent, and dates and lengths as strings', () => {
    const value = { amount: new Decimal('1e21'), day: Day.ofEpochDay(0), at: new Instant(0), in: new Duration(1500) }
    expect(writeJson(value)).toBe(
      '{"amount":1000000000000000000000,"day":"1970-01-01","at":"1970-01-01T00:00:00.000Z","in":"1500ms"}',
    )
  })

  it('has one canonical text for equal values, whatever the order of keys and the zeros', () => {
    const one = parseJson('{"b":1.00,"a":[-0,{"y":1e2,"x":null}]}')
    const same = parseJson('{"a":[0.0,{"x":null,"y":100}],"b":1.0}')
    expect(canonicalJson(one)).toBe('{"a":[0,{"x":null,"y":100}],"b":1}')
    expect(canonicalJson(same)).toBe(canonicalJson(one))
  })

  it('writes a string as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(writeJson(text)).toBe(JSON.stringify(text))
      }),
    )
    for (let code = 0; code < 0x10000; code++) {
      const text = String.fromCharCode(code)
      if (writeJson(text) !== JSON.stringify(text)) expect.fail(`U+${code.toString(16)}`)
    }
  })

  it('refuses a JS number, and a value that contains itself', () => {
    const circle: Record<string, Value> = {}
    circle['self'] = circle
    expect(() => writeJson(circle)).toThrow(expect.objectContaining({ code: 'json.value-too-deep' }))
    expect(() => writeJson({ amount: 0.1 } as unknown as Value)).toThrow(
      expect.objectContaining({ code: 'json.not-a-value' }),
    )
  })

  it('leaves out members that are undefined', () => {
    expect(writeJson({ a: undefined, b: null } as unknown as Value)).toBe('{"b":null}')
  })
})
