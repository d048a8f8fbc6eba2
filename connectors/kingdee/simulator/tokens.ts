import { msgCode, Refusal } from './answers.ts'

/** One piece of a FilterString; texts are without their quotes. */
export interface Token {
  readonly kind: 'text' | 'number' | 'word' | 'sign' | 'end'
  readonly value: string
}

/** The pieces of a FilterString, read from left to right. */
export interface Cursor {
  take(): Token
  /** True when the next piece is this word or sign, in any case. */
  isNext(value: string): boolean
  /** Takes it when it is the next one. */
  skip(value: string): boolean
  /** Takes it or refuses the filter. */
  expect(value: string): void
}

const TOKEN = /\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*)|(<>|!=|>=|<=|=|>|<|\(|\)|,))/y
const END: Token = { kind: 'end', value: '' }

/** Own invention: the text; the code is that of broken filters (kingdee.md §3). */
export const brokenFilter = (why: string): Refusal => new Refusal(msgCode.exception, `过滤条件不正确：${why}`)

/** Reads the text into pieces; what is none is refused. */
export function cursorOver(text: string): Cursor {
  const tokens = tokensOf(text.trimEnd())
  let at = 0
  const isNext = (value: string): boolean => {
    const { kind, value: found } = tokens[at] ?? END
    return kind !== 'text' && found.toLowerCase() === value
  }
  const skip = (value: string): boolean => {
    const found = isNext(value)
    if (found) at += 1
    return found
  }
  return {
    take: () => tokens[at++] ?? END,
    isNext,
    skip,
    expect(value) {
      if (!skip(value)) throw brokenFilter(tokens[at]?.value ?? `缺少 ${value}`)
    },
  }
}

function tokensOf(text: string): Token[] {
  const found: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (!match) throw brokenFilter(text.slice(at, at + 20))
    const [, quoted, digits, word, sign = ''] = match
    if (quoted !== undefined) found.push({ kind: 'text', value: quoted.replaceAll("''", "'") })
    else if (digits !== undefined) found.push({ kind: 'number', value: digits })
    else found.push(word === undefined ? { kind: 'sign', value: sign } : { kind: 'word', value: word })
  }
  return found
}
