import type { UndoneEffect } from '../operation.ts'
import type { Handed } from '../source.ts'
import type { FormDescription } from '../form.ts'
import type { SimulatorDefinition } from '../simulator/index.ts'
import type { Arbitrary } from 'fast-check'
import type { Hub } from './hub.ts'
import type { Stand } from './stand.ts'

/** What a connector's test hands to the kit: its simulator, settings that fit, and samples of its own kind. */
export interface Subject<Link> {
  readonly simulator: SimulatorDefinition
  /** Extra flags of the simulator. */
  readonly options?: Readonly<Record<string, string>>
  /** Settings as YAML would give them, for a simulator at this address. */
  settings(url: string): Readonly<Record<string, unknown>>
  /** ms a faulty send is waited for, and after which a late one is executed; default 400 and 900. */
  readonly patience?: { readonly send: number; readonly late: number }
  /** One for each operation. */
  readonly operations?: Readonly<Record<string, OperationSample<Link>>>
  /** For each failure of the declaration, how it comes about. */
  readonly failures: Readonly<Record<string, FailureSample<Link>>>
  /** One for each source. */
  readonly sources?: Readonly<Record<string, SourceSample<Link>>>
}

/** A good input; called again, it gives one for another document. Documents it needs are made here. */
export interface OperationSample<Link> {
  input(scene: Scene<Link>): unknown
  /** Present when the operation undoes another: what it works on. */
  undone?(scene: Scene<Link>): Promise<UndoneEffect>
  /** The simulator's name of the call, when it is not the operation's. */
  readonly fault?: string
  /** Inputs whose money can be compared; needed when the input has amounts. */
  readonly money?: {
    readonly pairs: Arbitrary<readonly [unknown, unknown]>
    /** Whether both say the same money: the judgement the fingerprints are held against. */
    same(left: unknown, right: unknown): boolean
  }
}

/** A system and a hub connected to it. */
export interface Scene<Link> {
  readonly stand: Stand
  readonly hub: Hub<Link>
}

/** An answer of the vendor, or of whatever stands before it. */
export interface Answer {
  /** Default 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

export interface FailureSample<Link> {
  /** What the vendor says; by path where a log-in has to succeed first. */
  readonly answer: Answer | ((path: string) => Answer)
  /** What is asked; default: the first operation is sent. */
  ask?(link: Link): Promise<unknown>
}

/** Documents of a source, made in the simulator as people make them. */
export interface SourceSample<Link> {
  readonly form: string
  readonly forms: Readonly<Record<string, FormDescription>>
  /** What a push about each of them would hand over: a document, a change of it and its revocation, all final. */
  documents(scene: Scene<Link>): Promise<{ readonly new: Handed; readonly modify?: Handed; readonly revoke?: Handed }>
}
