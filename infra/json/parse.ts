import { Decimal, emptyRecord, HubError, type ErrorCode, type Value } from '@shuniu/contracts'
import { defaultLimits, maxNumber, type JsonLimits } from './limits.ts'

/**
 * Reads JSON without loss: every number is an exact `Decimal`, objects have no prototype, so `__proto__` is a key like any other.
 * Bytes must be UTF-8. Fails with HubError `json.…`, whose parameters hold line and column, never a piece of the text.
 */
export function parseJson(text: string | Uint8Array, limits: JsonLimits = {}): Value {
  const bounds = { ...defaultLimits, ...limits }
  const bytes = typeof text === 'string' ? Buffer.byteLength(text) : text.byteLength
  if (bytes > bounds.maxBytes) throw new HubError('json.too-large', { bytes, maxBytes: bounds.maxBytes })
  return new Reader(typeof text === 'string' ? text : decode(text), bounds).document()
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new HubError('json.not-utf8', {}, { cause })
  }
}

const SPACE = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE]([+-]?\d+))?/y
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const [BRACE, END_BRACE, BRACKET, END_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d]
const [T, F, N] = [0x74, 0x66, 0x6e]

/** One pass over the text. It recurses, but never deeper than `maxDepth`. */
class Reader {
  private at = 0
  private depth = 0
  private keys = 0

  constructor(
    private readonly text: string,
    private readonly limits: Required<JsonLimits>,
  ) {}

  document(): Value {
    this.space()
    const value = this.value()
    if (this.at < this.text.length) throw this.wrong('the end')
    return value
  }

  /** A value and the space behind it. */
  private value(): Value {
    const value = this.bareValue()
    this.space()
    return value
  }

  private bareValue(): Value {
    switch (this.text.charCodeAt(this.at)) {
      case QUOTE:
        return this.string()
      case BRACE:
        return this.object()
      case BRACKET:
        return this.array()
      case T:
        return this.literal('true', true)
      case F:
        return this.literal('false', false)
      case N:
        return this.literal('null', null)
      default:
        return this.number()
    }
  }

  private object(): Value {
    const object = emptyRecord()
    const refuse = this.limits.duplicateKeys === 'refuse'
    this.open()
    if (this.takes(END_BRACE)) return this.closed(object)
    do {
      if (this.text.charCodeAt(this.at) !== QUOTE) throw this.wrong('a key')
      const key = this.string()
      if (refuse && object[key] !== undefined) throw this.fail('json.duplicate-key')
      this.space()
      if (!this.takes(COLON)) throw this.wrong('":"')
      this.count()
      object[key] = this.value()
    } while (this.takes(COMMA))
    if (!this.takes(END_BRACE)) throw this.wrong('"," or "}"')
    return this.closed(object)
  }

  private array(): Value {
    const items: Value[] = []
    this.open()
    if (this.takes(END_BRACKET)) return this.closed(items)
    do {
      this.count()
      items.push(this.value())
    } while (this.takes(COMMA))
    if (!this.takes(END_BRACKET)) throw this.wrong('"," or "]"')
    return this.closed(items)
  }

  private open(): void {
    if (++this.depth > this.limits.maxDepth) throw this.fail('json.too-deep', { maxDepth: this.limits.maxDepth })
    this.at++
    this.space()
  }

  private closed(value: Value): Value {
    this.depth--
    return value
  }

  private count(): void {
    if (++this.keys > this.limits.maxKeys) throw this.fail('json.too-many-keys', { maxKeys: this.limits.maxKeys })
  }

  private string(): string {
    const { text } = this
    const start = this.at + 1
    let escaped = false
    let at = start
    for (let code = text.charCodeAt(at); code !== QUOTE; code = text.charCodeAt(++at)) {
      if (code === BACKSLASH) {
        escaped = true
        at++
      } else if (!(code >= 0x20)) {
        this.at = at
        throw this.wrong('the end of a string')
      }
    }
    this.at = at + 1
    const raw = text.slice(start, at)
    return escaped ? this.unescape(raw) : raw
  }

  private unescape(raw: string): string {
    try {
      return String(JSON.parse(`"${raw}"`))
    } catch {
      throw this.wrong('a known escape in the string')
    }
  }

  private number(): Decimal {
    NUMBER.lastIndex = this.at
    const found = NUMBER.exec(this.text)
    if (!found) throw this.wrong('a value')
    if (found[0].length > maxNumber || Math.abs(Number(found[1] ?? 0)) > maxNumber) throw this.fail('json.number-range')
    this.at += found[0].length
    return new Decimal(found[0])
  }

  private literal(word: string, value: Value): Value {
    if (!this.text.startsWith(word, this.at)) throw this.wrong('a value')
    this.at += word.length
    return value
  }

  private takes(sign: number): boolean {
    if (this.text.charCodeAt(this.at) !== sign) return false
    this.at++
    this.space()
    return true
  }

  private space(): void {
    if (this.text.charCodeAt(this.at) > 0x20) return
    SPACE.lastIndex = this.at
    this.at += SPACE.exec(this.text)?.[0].length ?? 0
  }

  private wrong(expected: string): HubError {
    return this.fail('json.syntax', { expected })
  }

  private fail(code: ErrorCode, parameters: Record<string, string | number> = {}): HubError {
    const before = this.text.slice(0, this.at)
    const line = before.split('\n').length
    return new HubError(code, { ...parameters, line, column: this.at - before.lastIndexOf('\n') })
  }
}
