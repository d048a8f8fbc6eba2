import type { IncomingHttpHeaders, Server } from 'node:http'
import type { z } from 'zod'
import type { Book } from './book.ts'
import type { FaultPlan, TakenFault } from './faults.ts'
import type { RequestLog } from './requests.ts'

/** What a simulator package exports as `simulator`: its name, its own flags and how to make one. */
export interface SimulatorDefinition {
  /** The system it imitates, e.g. `kingdee`. */
  readonly name: string
  /** Extra flags of the program, e.g. `--quota N`. Those of every simulator are `--port --data --control`. */
  readonly options: Readonly<Record<string, SimulatorOption>>
  create(context: SimulatorContext): Simulator | Promise<Simulator>
}

export interface SimulatorOption {
  readonly type: 'string'
  readonly help: string
  readonly default?: string
}

/** What a simulator stands on. The server already listens when it is created. */
export interface SimulatorContext {
  readonly port: number
  /** `http://127.0.0.1:<port>`, without a closing slash. */
  readonly url: string
  readonly options: Readonly<Record<string, string | undefined>>
  readonly book: Book
  /** Milliseconds since 1970; the real clock unless a test hands in another. */
  now(): number
  /** For WebSocket upgrades. Plain requests are answered through `handle` only. */
  readonly server: Server
  readonly faults: FaultPlan
  readonly requests: RequestLog
}

/** The faults a vendor has its own words for. */
export type VendorFault = 'refuse' | 'throttle' | 'token-expired' | 'empty-query' | 'partial-batch'

/** One vendor in miniature. */
export interface Simulator {
  /** What `GET /_sim` shows beside name, acts and faults: credentials, forms, books, accounts, departments. */
  describe(): object
  /** What a person does in that system. `run` gets the parsed input; it throws `ActRefused` when it cannot be done. */
  readonly acts: Readonly<Record<string, Act>>
  /** The names faults can be put on: as the connector calls them, and the vendor's own calls. */
  readonly operations: readonly string[]
  /** Which operation a request is, before it runs; further names of the same call may follow the first. */
  operationOf(request: SimRequest): string | readonly string[]
  /** Does the work and answers. Called inside the fault wrapper. */
  handle(request: SimRequest): Promise<SimAnswer>
  /**
   * The vendor's own way to say a fault. `'handle'`: `handle` honours it itself (it sees `request.fault`).
   * `undefined`: this fault means nothing for this request; it is answered as usual and the fault waits for the next.
   * Asked also for faults that then do not fire (`rate`, `after`), so it changes nothing.
   */
  faultAnswer(fault: VendorFault, request: SimRequest): SimAnswer | undefined | 'handle'
  /** Texts that `GET /_sim/requests` masks; read each time, so a getter may add tokens. */
  readonly secrets: readonly string[]
  close?(): Promise<void>
}

export interface Act {
  readonly title: string
  readonly input: z.ZodType
  run(input: unknown): Promise<unknown>
}

/** An act that cannot be done, e.g. on a document that does not exist: answered with 409 and the message. */
export class ActRefused extends Error {}

/** A complete request. */
export interface SimRequest {
  readonly method: string
  readonly url: URL
  /** Percent-encoded, without the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The body as UTF-8. */
  readonly text: string
  /** The fault put on this request, when `handle` has to honour it. */
  fault?: TakenFault
}

export interface SimAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body: string | Buffer
}

/** A simulator that listens. */
export interface RunningSimulator {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly book: Book
  /** Ends every connection, drops what is still to be executed late, closes the book. */
  close(): Promise<void>
}
