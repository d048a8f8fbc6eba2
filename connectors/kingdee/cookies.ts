import type { HttpAnswer } from '@shuniu/infra/outbound'

const names = ['ASP.NET_SessionId', 'kdservice-sessionid'] as const
const COOKIE = /^(ASP\.NET_SessionId|kdservice-sessionid)=([\w-]{1,200})(?:;|$)/
const mostLines = 20

/** The two cookies that carry a session (kingdee.md §2.1); whatever else an answer sets is ignored. */
export class SessionCookies {
  #values = new Map<string, string>()

  /** The session the next call carries. */
  get id(): string | undefined {
    return this.#values.get('kdservice-sessionid')
  }

  /** As a header; empty when there is none. */
  get header(): { readonly cookie?: string } {
    const pairs = names.filter((name) => this.#values.has(name)).map((name) => `${name}=${this.#values.get(name)}`)
    return pairs.length === 0 ? {} : { cookie: pairs.join('; ') }
  }

  /** To be masked wherever words are passed on. */
  get secrets(): readonly string[] {
    return [...this.#values.values()]
  }

  keep({ headers }: HttpAnswer): void {
    for (const line of [headers['set-cookie'] ?? []].flat().slice(0, mostLines)) {
      const [, name, value] = COOKIE.exec(line) ?? []
      if (name !== undefined && value !== undefined) this.#values.set(name, value)
    }
  }

  clear(): void {
    this.#values = new Map()
  }
}
