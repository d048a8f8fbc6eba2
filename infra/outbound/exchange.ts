import type { Dispatcher } from 'undici'
import type { Clock, Timer } from '../time/index.ts'
import { CallFailure } from './failure.ts'
import { codeOf, httpFailure, wordsOf, type HttpCode } from './http-failure.ts'
import type { HttpAnswer, HttpCall } from './port.ts'

const MAX_BYTES = 10 * 1024 * 1024

/** What an exchange ends with; `started` = a byte of the call may have left. */
export type Ending =
  | { readonly is: 'answer'; readonly answer: HttpAnswer }
  | { readonly is: 'failure'; readonly failure: CallFailure; readonly started: boolean }

/**
 * One call on the wire. waiting (for a socket) → started (the head is about to be written) → ended.
 * What fails before `started` was certainly not sent; what fails after it, nobody knows.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  private started = false
  private ended = false
  private controller: Dispatcher.DispatchController | undefined
  private timer: Timer | undefined
  private status = 0
  private headers: HttpAnswer['headers'] = {}
  private chunks: Buffer[] = []
  private bytes = 0

  constructor(
    private readonly call: HttpCall,
    private readonly origin: string,
    private readonly clock: Clock,
    private readonly end: (ending: Ending) => void,
  ) {}

  /** The last moment before the head is written. A second start would be a repetition by the client below us: never. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller
    if (this.started) return this.stop('http.reset', { what: 'the client wanted to repeat the call' })
    if (this.isLate()) return this.stop('http.late')
    this.started = true
    this.timer = this.clock.after(this.call.timeout, () => this.stop('http.timeout', { timeout: this.call.timeout }))
  }

  /** Comes again after early hints; the last one counts. */
  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: HttpAnswer['headers']): void {
    this.status = status
    this.headers = headers
    if (Number(headers['content-length'] ?? 0) > this.maxBytes) this.stopTooLarge()
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.byteLength
    if (this.bytes > this.maxBytes) this.stopTooLarge()
    else this.chunks.push(chunk)
  }

  onResponseEnd(): void {
    const [first] = this.chunks
    const body = first && this.chunks.length === 1 ? first : Buffer.concat(this.chunks)
    this.finish({ is: 'answer', answer: new Answer(this.status, this.headers, body) })
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    if (error instanceof CallFailure) return this.finish({ is: 'failure', failure: error, started: this.started })
    const code = codeOf(error, this.started, this.origin.startsWith('https:'))
    this.fail(code, { what: wordsOf(error) }, error)
  }

  private get maxBytes(): number {
    return this.call.maxBytes ?? MAX_BYTES
  }

  private isLate(): boolean {
    const sendBy = this.call.sendBy
    return sendBy !== undefined && (this.clock.uptime() > sendBy.uptime || this.clock.now() > sendBy.wall)
  }

  private stopTooLarge(): void {
    this.stop('http.too-large', { what: `more than ${this.maxBytes} bytes` })
  }

  /** Ends the exchange and cuts its socket; before the start this writes nothing. */
  private stop(code: HttpCode, parameters: Record<string, string | number> = {}): void {
    this.fail(code, parameters)
    this.controller?.abort(new Error(code))
  }

  private fail(code: HttpCode, parameters: Record<string, string | number>, cause?: unknown): void {
    const inDoubt = this.started && this.call.changes
    const failure = httpFailure(code, { ...parameters, origin: this.origin }, { inDoubt, cause })
    this.finish({ is: 'failure', failure, started: this.started })
  }

  private finish(ending: Ending): void {
    if (this.ended) return
    this.ended = true
    this.timer?.cancel()
    this.chunks = []
    this.end(ending)
  }
}

class Answer implements HttpAnswer {
  private decoded: string | undefined

  constructor(
    readonly status: number,
    readonly headers: HttpAnswer['headers'],
    readonly body: Buffer,
  ) {}

  get text(): string {
    return (this.decoded ??= this.body.toString('utf8').replace(/^\ufeff/, ''))
  }
}
