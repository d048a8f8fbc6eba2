import { Decimal } from '@shuniu/contracts'
import { limits } from './budget.ts'
import { digitsOf } from './values.ts'
import { siteAt, type Locate } from './site.ts'
import { readString } from './string-literal.ts'

/** One word of the source. `value` is the number or text that a literal stands for. */
export type Token =
  | { readonly kind: 'name' | 'symbol' | 'end'; readonly text: string; readonly at: number }
  | { readonly kind: 'number'; readonly text: string; readonly at: number; readonly value: Decimal }
  | { readonly kind: 'string'; readonly text: string; readonly at: number; readonly value: string }

const SPACE = /(?:[ \t\n\f\r]+|\/\/[^\n]*)+/y
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y
const STRING = /[rR]?(?:"""|'''|"|')/y
const BYTES = /[bB][rR]?["']|[rR][bB]["']/y
/** A name that is none here: fields with such names are written as keys. */
const WORD = /[\p{L}\p{N}_]+/uy
const SYMBOL = /&&|\|\||[=!<>]=|[-+*/%!<>?:.,()[\]{}]/y

/**
 * Cuts a source into tokens, ending with an `end` token. With `stopAtBrace` it ends before the `}` that closes nothing:
 * so an interpolation `${…}` is found without knowing its length. Throws `expression.syntax` or `expression.too-large`.
 */
export function tokenize(source: string, locate: Locate, start = 0, stopAtBrace = false): Token[] {
  const tokens: Token[] = []
  let at = start
  for (let braces = 0; ;) {
    at += match(SPACE, source, at).length
    const token = next(source, at, locate)
    if (token.text === '{') braces++
    if (token.text === '}' && token.kind === 'symbol' && stopAtBrace && braces-- === 0) {
      tokens.push({ kind: 'end', text: '', at })
      return tokens
    }
    tokens.push(token)
    if (token.kind === 'end') return tokens
    if (tokens.length > limits.source)
      throw siteAt(locate, at, '').fail('expression.too-large', { limit: limits.source })
    at += token.text.length
  }
}

function next(source: string, at: number, locate: Locate): Token {
  const site = siteAt(locate, at, '')
  if (at >= source.length) return { kind: 'end', text: '', at }
  if (match(BYTES, source, at)) throw site.fail('expression.syntax', { found: 'b"…"', expected: '"…"' })
  const quote = match(STRING, source, at)
  if (quote) return { kind: 'string', at, ...readString(source, at, quote, site) }
  const name = match(NAME, source, at)
  if (name) return { kind: 'name', text: name, at }
  const number = match(NUMBER, source, at)
  if (number) return { kind: 'number', text: number, at, value: readNumber(source, at, number, locate) }
  const symbol = match(SYMBOL, source, at)
  if (symbol) return { kind: 'symbol', text: symbol, at }
  const word = match(WORD, source, at)
  if (word) throw site.fail('expression.syntax', { found: word, expected: `["${word}"]` })
  throw site.fail('expression.syntax', { found: String.fromCodePoint(source.codePointAt(at) ?? 0), expected: 'value' })
}

function readNumber(source: string, at: number, text: string, locate: Locate): Decimal {
  const tail = match(NAME, source, at + text.length)
  const site = siteAt(locate, at, text)
  if (tail) throw site.fail('expression.syntax', { found: text + tail, expected: text })
  const value = decimalOf(text)
  if (!value) throw site.fail('expression.overflow')
  return value
}

/** The exact number of a literal (`12.50`, `.5`, `1e3`, `0x1F`); undefined when it has too many digits. */
export function decimalOf(text: string): Decimal | undefined {
  if (text.length > limits.digits) return undefined
  const value = new Decimal(/^0[xX]/.test(text) ? BigInt(text) : text)
  return digitsOf(value) > limits.digits ? undefined : value
}

function match(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0] ?? ''
}
