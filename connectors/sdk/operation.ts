import type { Grade, ParkReason, Text, Value, ValueRecord } from '@shuniu/contracts'
import type { Permit, SendBy } from '@shuniu/infra/outbound'
import type { z } from 'zod'

/** What travels with a send: spread it into the HTTP call. */
export interface SendContext {
  readonly sendBy: SendBy
  readonly permit: Permit
  /** ms, as declared or shortened by the connection. */
  readonly timeout: number
}

/** A reason not to send, found before anything was sent. */
export interface Finding {
  readonly reason: ParkReason
  /** Path of the input it is about: `entries[2].account`. */
  readonly path?: string
  readonly message: Text
}

/** What `prepare` found: the body to send (it becomes the ledger's), or that nothing has to be sent. */
export type Prepared<Output> =
  | { readonly is: 'body'; readonly body: ValueRecord }
  | { readonly is: 'done'; readonly output: Output; readonly because: string }
  | { readonly is: 'park'; readonly finding: Finding }

/** The confirmed effect an undo works on. */
export interface UndoneEffect {
  readonly reference: string
  readonly body: ValueRecord
  readonly output: ValueRecord
}

export interface PrepareContext {
  /** The business day of today in the entity's zone. */
  readonly today: string
  /** Present when the operation undoes another effect. */
  readonly undone?: UndoneEffect
}

/** A document of the target that carries our reference, or a candidate for a person's decision. */
export interface Found {
  readonly id: string
  readonly number: string
  readonly status: string
  /** What the connector needs to fingerprint it and to show it. */
  readonly document: ValueRecord
}

export interface LookUp {
  readonly found: readonly Found[]
  /** True when a document known to exist was seen in the same session and form: only then "nothing" means absent. */
  readonly proven: boolean
}

/** Something `list` found for reconciliation. */
export interface Listed extends Found {
  readonly reference?: string
  readonly day: string
  /** Total of the document as decimal text. */
  readonly amount: string
}

/**
 * One kind of call that may change the system. The engine: validate → place → prepare → one commit → send → settle;
 * in doubt → find. Methods throw `CallFailure`; anything else thrown by `send` counts as `ambiguous`.
 */
export interface Operation<Link, Input = unknown, Output = unknown> {
  readonly title: Text
  readonly input: z.ZodType<Input>
  readonly output: z.ZodType<Output>
  readonly effect: 'money' | 'notice'
  readonly grade: Grade
  /** How long an answer may take (`60s`), and after which time the target can certainly no longer execute it (`180s`). */
  readonly timeout: string
  readonly quarantine: string
  /** Look-ups that must agree on absence, and the gap between them. */
  readonly lookUps: { readonly times: number; readonly apart: string }
  /** Where our reference is written in the target's document. */
  readonly reference: string
  /** Kind under which a confirmed document enters the crosswalk (`project`); none = the ledger is enough. */
  readonly crosswalk?: string
  /** Name of the operation that undoes this one; its input is `{ id }`, the id of the document. */
  readonly undo?: string
  /** Makes sure a session exists, so that the send itself need not log in. */
  ready(link: Link): Promise<void>
  validate?(link: Link, input: Input): Promise<readonly Finding[]>
  prepare(link: Link, input: Input, reference: string, context: PrepareContext): Promise<Prepared<Output>>
  /** One call. Returns the output of a plainly executed call. */
  send(link: Link, body: ValueRecord, reference: string, context: SendContext): Promise<Output>
  /** `known` = id of a document the ledger knows to exist in this target, if any. Absent for grade C. */
  find?(link: Link, reference: string, body: ValueRecord, known: string | undefined): Promise<LookUp>
  /**
   * Whether the target holds any document that carries a reference of a hub. Asked once, before a store sends there for the
   * first time: another installation may have been there before. Absent where nobody can tell.
   */
  hasOurs?(link: Link): Promise<boolean>
  /** Canonical text of what was to be saved / what was found; equal exactly when the money is equal. */
  fingerprint(body: ValueRecord): string
  fingerprintFound?(found: Found): string
  /** The output as `send` would have given it. */
  outputOf?(found: Found): Output
  /** Reads one document by id or number: for a person's `resolve`. */
  readById?(link: Link, id: string): Promise<Found | undefined>
  /** For grade C and parked doubts: documents that could be it. */
  candidates?(link: Link, body: ValueRecord): Promise<readonly Found[]>
  /** Everything of a period, with or without our reference. */
  list?(link: Link, ask: { from: string; to: string; settings: ValueRecord }): Promise<readonly Listed[]>
  /** Book, date and total of a body, for people and for reconciliation. */
  describe(body: ValueRecord): {
    /** Account set whose period matters, where there is one. */
    readonly book?: string
    readonly day?: string
    readonly amount?: string
    readonly currency?: string
    readonly text: string
  }
}

/** Declares an operation; the value is the declaration itself, typed. */
export function defineOperation<Link, Input, Output>(
  operation: Operation<Link, Input, Output>,
): Operation<Link, Input, Output> {
  return operation
}

export type { Value }
