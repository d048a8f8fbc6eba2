import { HubError, parseSchemaText, type AvroSchema, type SchemaReference } from '@shuniu/contracts'

/** Where schemas are asked for: the `/registry` of a hub, or any registry that speaks Confluent's API. */
export interface RegistrySettings {
  /** `http://127.0.0.1:7070/registry` */
  readonly url: string
  /** Password of Basic: the token of a hub, or the secret of another registry. */
  readonly token?: string
  /** User of Basic; a hub does not look at it. */
  readonly user?: string
  /** ms until a question without an answer has failed; 10,000 unless told. */
  readonly patience?: number
}

/** A schema that wrote events, and its text as the registry has it. */
export interface WriterSchema {
  readonly text: string
  readonly schema: AvroSchema
}

/** More are not remembered: a topic has a handful. */
const most = 1_000

/** Asks for each schema once. What failed is asked for again the next time. */
export class RegistryClient {
  private readonly known = new Map<string, Promise<WriterSchema>>()

  constructor(private readonly settings: RegistrySettings) {}

  /**
   * The schema that a payload was written with. Throws `event.unknown-schema` when the registry does not know it,
   * `client.registry-unreachable` when it does not answer, `client.registry-refused` when it does not want to.
   */
  schemaOf(reference: SchemaReference, type: string): Promise<WriterSchema> {
    const path = reference.by === 'id' ? `ids/${reference.id}` : `guids/${reference.guid}`
    const before = this.known.get(path)
    if (before) return before
    const asked = this.ask(path, reference, type)
    this.remember(path, asked)
    asked.catch(() => this.known.delete(path))
    return asked
  }

  private remember(path: string, asked: Promise<WriterSchema>): void {
    const [oldest] = this.known.keys()
    if (this.known.size >= most && oldest !== undefined) this.known.delete(oldest)
    this.known.set(path, asked)
  }

  private async ask(path: string, reference: SchemaReference, type: string): Promise<WriterSchema> {
    const { status, body } = await this.fetch(`schemas/${path}`)
    const id = reference.by === 'id' ? reference.id : reference.guid
    if (status === 404) throw new HubError('event.unknown-schema', { id, type })
    const text = textIn(body)
    const schema = text === undefined ? undefined : parseSchemaText(text).schema
    if (status !== 200 || text === undefined || !schema) {
      throw new HubError('client.registry-refused', { url: this.settings.url, status })
    }
    return { text, schema }
  }

  private async fetch(path: string): Promise<{ status: number; body: string }> {
    const { url, token, user = 'shuniu', patience = 10_000 } = this.settings
    const basic =
      token === undefined ? {} : { authorization: `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}` }
    try {
      const answer = await fetch(`${url.replace(/\/+$/, '')}/${path}`, {
        headers: { accept: 'application/vnd.schemaregistry.v1+json', ...basic },
        signal: AbortSignal.timeout(patience),
      })
      return { status: answer.status, body: await answer.text() }
    } catch (cause) {
      throw new HubError('client.registry-unreachable', { url }, { cause })
    }
  }
}

function textIn(body: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(body)
    const schema = typeof answer === 'object' && answer !== null && 'schema' in answer ? answer.schema : undefined
    return typeof schema === 'string' ? schema : undefined
  } catch {
    return undefined
  }
}
