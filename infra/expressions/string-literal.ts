import type { Site } from './site.ts'

const ESCAPE = /\\(?:([abfnrtv\\?"'`])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/y
const CONTROL: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/**
 * Reads a text literal as CEL writes it: in one or three single or double quotes, with escapes, or raw (`r"…"`).
 * `opening` = the prefix and quote at `at`. Throws `expression.syntax` when it is not closed or an escape is unknown.
 */
export function readString(source: string, at: number, opening: string, site: Site): { text: string; value: string } {
  const raw = /^[rR]/.test(opening)
  const quote = raw ? opening.slice(1) : opening
  const open = at + opening.length
  let value = ''
  for (let here = open; here < source.length;) {
    const char = source.charAt(here)
    if (source.startsWith(quote, here)) {
      return { text: source.slice(at, here + quote.length), value: wellFormed(value, site) }
    }
    if (quote.length === 1 && (char === '\n' || char === '\r')) break
    const escape = char === '\\' && !raw ? readEscape(source, here, site) : { length: 1, char }
    value += escape.char
    here += escape.length
  }
  throw site.fail('expression.syntax', { found: source.slice(at, at + 20), expected: quote })
}

function readEscape(source: string, at: number, site: Site): { length: number; char: string } {
  ESCAPE.lastIndex = at
  const found = ESCAPE.exec(source)
  const [whole = '', simple, byte, unit, point, octal] = found ?? []
  const hex = byte ?? unit ?? point
  const code = hex === undefined ? Number.parseInt(octal ?? '0', 8) : Number.parseInt(hex, 16)
  if (!found || code > 0x10ffff)
    throw site.fail('expression.syntax', { found: source.slice(at, at + 10), expected: '\\\\' })
  if (simple !== undefined) return { length: whole.length, char: CONTROL[simple] ?? simple }
  return { length: whole.length, char: unit ? String.fromCharCode(code) : String.fromCodePoint(code) }
}

/** Half a surrogate pair is no character: it would be lost when the text is written as UTF-8. */
function wellFormed(value: string, site: Site): string {
  if (!value.isWellFormed()) throw site.fail('expression.syntax', { found: '\\u…', expected: '\\U…' })
  return value
}
