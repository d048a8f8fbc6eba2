import { HubError, isRecord as isValueRecord, type Language } from '@shuniu/contracts'
import { ApiFailure } from './failure.ts'
import type { HubAddress } from './hub-address.ts'
import { harmless } from './width.ts'

/** A record of an answer; every field is looked at before it is used. */
export type Item = Readonly<Record<string, unknown>>

type Query = Readonly<Record<string, string | boolean | undefined>>

/** An answer may take this long, ms. Long work of the hub (reconcile, discover, backup) has its own. */
const patience = 60_000
export const longPatience = 900_000

/** Where nobody needs a token the registry wants to be told that registering is meant. */
const registerHeader = { 'shuniu-register': 'apply' }

/** The API of a hub. Fails with `cli.no-hub` when nobody answers, `ApiFailure` when the hub refuses. */
export class HubApi {
  readonly url: string
  private told: string | undefined

  constructor(
    private readonly address: HubAddress,
    private readonly token: string | undefined,
    private readonly language: Language,
  ) {
    this.url = address.url
  }

  /** The zone of the business, as the hub that answered says it; before that, this machine's. */
  get zone(): string {
    return this.told ?? new Intl.DateTimeFormat().resolvedOptions().timeZone
  }

  get(path: string, query: Query = {}, wait = patience): Promise<Item> {
    const asked = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] satisfies [string, string]],
    )
    const search = new URLSearchParams(asked).toString()
    return this.ask('GET', search === '' ? path : `${path}?${search}`, undefined, wait)
  }

  post(path: string, body: object = {}, wait = patience): Promise<Item> {
    return this.ask('POST', path, JSON.stringify(body), wait)
  }

  put(path: string, body: object): Promise<Item> {
    return this.ask('PUT', path, JSON.stringify(body), patience)
  }

  /** Asks the hub's schema registry, meaning to register. Fails as the others do; a refusal has the registry's number. */
  async registry(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<Item> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const answer = await this.fetch(method, `${this.url}/registry/${path}`, text, patience, registerHeader)
    const document = parsed(answer.text)
    if (!document) throw new HubError('cli.not-a-hub', { url: this.url, status: answer.status })
    if (answer.ok) return document
    const { error_code: number = answer.status, message = '' } = document
    throw new ApiFailure(`registry.${String(number)}`, answer.status, String(message), '')
  }

  /** Whether the hub that is meant answers there. */
  async isThere(): Promise<boolean> {
    try {
      await this.get('status', {}, 3_000)
      return true
    } catch (error) {
      if (isAbsence(error)) return false
      throw error
    }
  }

  private async ask(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body: string | undefined,
    wait: number,
  ): Promise<Item> {
    const { ok, status, text } = await this.fetch(method, `${this.url}/api/v1/${path}`, body, wait)
    const document = parsed(text)
    if (ok && document) return document
    if (!document || typeof document['code'] !== 'string')
      throw new HubError('cli.not-a-hub', { url: this.url, status })
    const { code, detail, title, help } = document
    throw new ApiFailure(String(code), status, String(detail ?? title ?? ''), String(help ?? ''))
  }

  private async fetch(method: string, url: string, body: string | undefined, wait: number, more: object = {}) {
    const headers = {
      'accept-language': this.language,
      ...(this.address.project === undefined ? {} : { 'shuniu-project': encodeURIComponent(this.address.project) }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
      ...more,
    }
    const signal = AbortSignal.timeout(wait)
    try {
      const answer = await fetch(url, {
        method,
        headers,
        signal,
        redirect: 'error',
        ...(body === undefined ? {} : { body }),
      })
      this.told = zoneOf(answer.headers.get('shuniu-zone'))
      return { ok: answer.ok, status: answer.status, text: await answer.text() }
    } catch (cause) {
      throw new HubError(signal.aborted ? 'cli.no-answer' : 'cli.no-hub', { url: this.url }, { cause })
    }
  }
}

/** Nobody, or the hub of another project. */
function isAbsence(error: unknown): boolean {
  return (
    (error instanceof HubError || error instanceof ApiFailure) &&
    ['cli.no-hub', 'api.other-project'].includes(error.code)
  )
}

function zoneOf(name: string | null): string | undefined {
  try {
    return name === null ? undefined : new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

function parsed(text: string): Item | undefined {
  try {
    return itemOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

export function itemOf(value: unknown): Item | undefined {
  return isValueRecord(value) ? value : undefined
}

/** The records of a list in an answer. */
export function itemsOf(value: unknown): Item[] {
  return Array.isArray(value) ? value.map(itemOf).filter((one) => one !== undefined) : []
}

/** A field as text for people; nothing for what is absent. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return harmless(text)
}
