import { Decimal, HubError, type ErrorCode, type Value } from '@shuniu/contracts'
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
const QUOTE = 0x22
const BACKSLASH = 0x5c

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
    switch (this.text[this.at]) {
      case '{':
        return this.object()
      case '[':
        return this.array()
      case '"':
        return this.string()
      case 't':
        return this.literal('true', true)
      case 'f':
        return this.literal('false', false)
      case 'n':
        return this.literal('null', null)
      default:
        return this.number()
    }
  }

  private object(): Value {
    const object: Record<string, Value> = Object.create(null)
    this.open()
    if (this.takes('}')) return this.closed(object)
    do {
      if (this.text.charCodeAt(this.at) !== QUOTE) throw this.wrong('a key')
      const key = this.string()
      if (object[key] !== undefined && this.limits.duplicateKeys === 'refuse') throw this.fail('json.duplicate-key')
      this.space()
      if (!this.takes(':')) throw this.wrong('":"')
      this.count()
      object[key] = this.value()
    } while (this.takes(','))
    if (!this.takes('}')) throw this.wrong('"," or "}"')
    return this.closed(object)
  }

  private array(): Value {
    const items: Value[] = []
    this.open()
    if (this.takes(']')) return this.closed(items)
    do {
      this.count()
      items.push(this.value())
    } while (this.takes(','))
    if (!this.takes(']')) throw this.wrong('"," or "]"')
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
    const start = ++this.at
    let escaped = false
    for (; this.text.charCodeAt(this.at) !== QUOTE; this.at++) {
      const code = this.text.charCodeAt(this.at)
      if (code === BACKSLASH) {
        escaped = true
        this.at++
      } else if (!(code >= 0x20)) throw this.wrong('the end of a string')
    }
    const raw = this.text.slice(start, this.at++)
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

  private takes(sign: string): boolean {
    if (this.text[this.at] !== sign) return false
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
