const SHOWN = '***'
/** Shorter ones would hide half of the language. */
const SHORTEST = 6

/** Replaces secrets in text by `***`: as they are, and as JSON, URLs, base64 (at any offset) and hex write them. */
export class SecretFilter {
  private readonly secrets: Set<string>
  private pattern: RegExp | undefined

  constructor(
    secrets: Iterable<string>,
    private readonly most = 500,
  ) {
    this.secrets = new Set([...secrets].filter((secret) => secret.length >= SHORTEST))
    this.build()
  }

  /** One more secret, such as a token just fetched. Of very many the oldest are forgotten. */
  add(secret: string): void {
    if (secret.length < SHORTEST || this.secrets.has(secret)) return
    this.secrets.add(secret)
    for (const oldest of this.secrets) {
      if (this.secrets.size <= this.most) break
      this.secrets.delete(oldest)
    }
    this.build()
  }

  apply(text: string): string {
    return this.pattern ? text.replace(this.pattern, SHOWN) : text
  }

  private build(): void {
    const forms = new Set([...this.secrets].flatMap(formsOf))
    const longestFirst = [...forms]
      .toSorted((a, b) => b.length - a.length)
      .map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
    this.pattern = forms.size === 0 ? undefined : new RegExp(longestFirst.join('|'), 'g')
  }
}

function formsOf(secret: string): string[] {
  const url = encodeURIComponent(secret.toWellFormed())
  const form = url.replaceAll('%20', '+')
  const hex = Buffer.from(secret).toString('hex')
  const base64 = [0, 1, 2].flatMap((offset) => base64At(secret, offset))
  const json = escaped(secret)
  return [secret, json, escaped(json), ...cases(url), ...cases(form), ...cases(hex), ...base64]
}

/** As it stands in JSON; twice so in JSON that is quoted in a line. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** Percent signs and hex are written in small or capital letters. */
function cases(text: string): string[] {
  const small = text.replace(/%[0-9A-F]{2}/g, (sign) => sign.toLowerCase())
  return /^[0-9a-f]+$/.test(text) ? [text, text.toUpperCase()] : [text, small]
}

/** How a secret looks inside longer base64 when so many bytes precede it (modulo 3): the signs that are all its own. */
function base64At(secret: string, offset: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)])
  const first = Math.ceil((offset * 8) / 6)
  const own = bytes.toString('base64').slice(first, Math.floor((bytes.length * 8) / 6))
  return [own, own.replaceAll('+', '-').replaceAll('/', '_')]
}
