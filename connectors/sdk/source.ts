import type { FieldType, Instant, Text, ValueRecord } from '@shuniu/contracts'
import type { FormDescription } from './form.ts'
import type { Ground } from './ground.ts'

/** What a vendor handed over, verified and not yet understood. Becomes a receipt. */
export interface Handed {
  /** Which source of the connector it belongs to. */
  readonly source: string
  /** The vendor's event id; without one the hub takes a hash of the body. For sweeps: `sweep:<document id>`. */
  readonly key?: string
  /** The vendor's own id of the document it is about. */
  readonly subject: string
  /** The form or type, when known already. */
  readonly form?: string
  /** When the vendor says it was born, ms; helps to keep keys in order of time. */
  readonly bornAt?: number
  /** The verified plain text, as it came. */
  readonly body: string
}

export interface HookRequest {
  readonly method: string
  readonly query: Readonly<Record<string, string | undefined>>
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Uint8Array
}

export interface HookAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * `accepted`: the hub stores all of `handed` durably and only then sends `answer`; an equal repeat gets the same answer.
 * `refused`: a short answer without detail; `because` goes to the log only.
 */
export type HookVerdict =
  | { readonly is: 'accepted'; readonly handed: readonly Handed[]; answer(): HookAnswer }
  | { readonly is: 'refused'; readonly status: 400 | 401 | 413 | 415; readonly because: string }

/** An address under `/hooks/<connection>/<name>` that a vendor posts to. `open` prepares keys once. */
export interface Hook<Settings> {
  readonly title: Text
  /** Undefined when the settings do not ask for it: the address then answers 404. */
  open(
    settings: Settings,
    ground: Pick<Ground, 'clock' | 'random' | 'connection'>,
  ): ((request: HookRequest) => HookVerdict) | undefined
}

/** Where a stream puts what it receives. */
export interface Sink {
  /** Resolves when everything is stored durably; rejects when the hub cannot take more now (do not acknowledge). */
  hand(handed: readonly Handed[]): Promise<void>
  /** The stream works (again). `since` = how long, in ms, it did not; the hub catches up by a sweep when it matters. */
  connected(since: number): void
  disconnected(because: string): void
}

/** A long connection the connector opens itself. */
export interface Stream<Settings, Link> {
  readonly title: Text
  wanted(settings: Settings): boolean
  /** Runs until the signal; reconnects by itself with growing gaps. */
  run(link: Link, sink: Sink, signal: AbortSignal): Promise<void>
}

/** What a document is in its own system, before any mapping. */
export interface SourceDocument {
  readonly form: string
  readonly id: string
  /** First document of the chain: the same through later changes. */
  readonly root: string
  readonly kind: 'new' | 'modify' | 'revoke'
  /** The number people use: the approval number. */
  readonly number: string
  /** True when the system says it will not change any more. */
  readonly final: boolean
  /** When the fact happened, as the document read afresh gives it. */
  readonly at: Instant
  /** When the chain's first document was made or finished: decides the cut-over of changes and revocations. */
  readonly rootAt: Instant
  /** Changes for the id of an event: status and result, never a read time. */
  readonly version: string
  /** Agreed changes of the root finished up to this one, itself included when it is one (0 for `new`). */
  readonly agreedChanges: number
  /** The rest of what expressions see as `document`, beside id, rootId, kind, revision, number: title, status, result, fields… */
  readonly values: ValueRecord
}

export type Reading =
  | { readonly is: 'document'; readonly document: SourceDocument }
  /** Nothing for us. `final`: no sweep needs to look at it again. */
  | { readonly is: 'skipped'; readonly because: string; readonly final: boolean }
  /** What was read disagrees with what was handed over: read again with growing gaps, at last parked `conflict`. */
  | { readonly is: 'again'; readonly because: string }
  /** It cannot be understood and never will: parked with its bytes. */
  | { readonly is: 'unreadable'; readonly because: string }

/** A kind of document that becomes events. */
export interface Source<Link> {
  readonly title: Text
  /** What expressions of `events` see as `document`, for checks; with the form's own fields when it is known. */
  documentType(form?: FormDescription): FieldType
  /** Reads the document a receipt is about, from the system itself. Throws `CallFailure`. */
  read(link: Link, receipt: Handed, forms: Readonly<Record<string, FormDescription>>): Promise<Reading>
  /** Finds what a push lost; a source without one says why. */
  readonly sweep: Sweep<Link> | { readonly none: string }
  /** The newest documents of a form, for `connection sample`. */
  sample(link: Link, form: string, last: number): Promise<readonly Handed[]>
}

export interface Sweep<Link> {
  /** How far back which rhythm looks (ms): `{ window: 2 days, every: 1 hour }`, widest last. */
  readonly rhythm: readonly { readonly window: number; readonly every: number }[]
  /** One page of documents created in [from, to), oldest first; `next` undefined at the end. */
  page(
    link: Link,
    ask: { form: string; from: number; to: number; next?: string },
  ): Promise<{ handed: readonly Handed[]; next?: string }>
  /** A page of what the vendor could not push and lists: asked for when we listen again. It may forget what it has given. */
  undelivered?(link: Link): Promise<{ handed: readonly Handed[]; more: boolean }>
}
