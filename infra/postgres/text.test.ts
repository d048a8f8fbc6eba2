import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromText, toText } from './text.ts'

const texts = fc
  .array(fc.constantFrom('\u0000', '\u0001', '\u0002', 'a', '枢'), { maxLength: 8 })
  .map((all) => all.join(''))

test('a text comes back as it was, and what is kept holds no U+0000', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(toText(text)).not.toContain('\u0000')
      expect(fromText(toText(text))).toBe(text)
    }),
  )
})

test('texts stay different and in their order', () => {
  const order = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      expect(order(toText(a), toText(b))).toBe(order(a, b))
    }),
  )
})
