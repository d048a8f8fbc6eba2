import { WebSocket, type RawData } from 'ws'
import { sleep, type Timer } from '@shuniu/infra/time'
import type { Ground, Sink } from '@shuniu/sdk'
import { handedOfStream } from './events.ts'
import { later, notServed, pong, readFrame, taken, type Frame } from './frames.ts'

const MAX_FRAME = 1024 * 1024
/** Events handed to the hub and not yet stored. At this many reading stops; what still comes is sent back. */
const MAX_UNSTORED = 256
const HEARTBEAT = 30_000
/** Pings between two heartbeats; more is no sign of life but a flood. */
const MAX_PINGS = 500
/** Bytes of answers the other side does not read. */
const MAX_UNSENT = 1024 * 1024
const FAREWELL = 15_000
const FAREWELL_OF_OURS = 1000
const HANDSHAKE = 5000
const LAST_ANSWERS = 5000

/**
 * One WebSocket of the stream. open → leaving (the platform announced the end; events still come and are answered)
 * → closed. An event is acknowledged only after the hub has stored it; when the hub cannot, the answer is LATER.
 */
export class StreamConnection {
  private readonly hasLeft = Promise.withResolvers<'notice'>()
  private readonly hasClosed = Promise.withResolvers<string>()
  private readonly heartbeat: { timer?: Timer; pings: number; heard: boolean } = { pings: 0, heard: true }
  private farewell: Timer | undefined
  private lastStored: PromiseWithResolvers<void> | undefined
  private unstored = 0
  private stopped = false
  private because = 'closed by the other side'

  private constructor(
    private readonly socket: WebSocket,
    private readonly sink: Sink,
    private readonly ground: Pick<Ground, 'clock' | 'log'>,
  ) {
    socket.on('message', (data, isBinary) => this.receive(data, isBinary))
    socket.on('ping', () => this.countPing())
    socket.on('pong', () => void (this.heartbeat.heard = true))
    socket.on('close', () => this.end())
    socket.on('error', (error) => void (this.because = error.message))
    socket.once('open', () => this.beat())
  }

  /** Connects; rejects with the reason when that fails or the signal comes first. */
  static open(
    url: URL,
    sink: Sink,
    ground: Pick<Ground, 'clock' | 'log'>,
    signal: AbortSignal,
  ): Promise<StreamConnection> {
    const socket = new WebSocket(url, {
      maxPayload: MAX_FRAME,
      perMessageDeflate: false,
      followRedirects: false,
      handshakeTimeout: HANDSHAKE,
    })
    const abort = (): void => socket.terminate()
    signal.addEventListener('abort', abort, { once: true })
    const opened = Promise.withResolvers<StreamConnection>()
    socket.once('error', opened.reject)
    // Built at once, so that no frame that comes with the handshake is missed.
    const connection = new StreamConnection(socket, sink, ground)
    socket.once('open', () => opened.resolve(connection))
    return opened.promise.finally(() => signal.removeEventListener('abort', abort))
  }

  /** The platform announced the end, or it has come: time for another connection. */
  get leaving(): Promise<'notice' | 'closed'> {
    return Promise.race([this.hasLeft.promise, this.closed.then(() => 'closed' as const)])
  }

  /** Resolves with the reason. */
  get closed(): Promise<string> {
    return this.hasClosed.promise
  }

  /** Takes no more events, lets those under way be answered for a while, closes. */
  async close(): Promise<void> {
    this.stopped = true
    await this.atMost(LAST_ANSWERS, this.settled())
    this.because = 'closed by us'
    // A socket that is not read never sees the other side close.
    this.socket.resume()
    this.socket.close(1000)
    await this.atMost(FAREWELL_OF_OURS, this.closed)
    this.socket.terminate()
    await this.closed
  }

  /** Resolves when no event is under way. */
  private settled(): Promise<void> {
    return this.unstored === 0 ? Promise.resolve() : (this.lastStored ??= Promise.withResolvers()).promise
  }

  /** Waits for this or the end of the connection, but not for ever. */
  private async atMost(ms: number, end: Promise<unknown>): Promise<void> {
    const enough = new AbortController()
    void Promise.race([end, this.closed]).then(() => enough.abort())
    await sleep(this.ground.clock, ms, enough.signal)
  }

  private receive(data: RawData, isBinary: boolean): void {
    this.heartbeat.heard = true
    if (!isBinary && !this.stopped) this.handle(readFrame(String(data)))
  }

  private handle(frame: Frame): void {
    switch (frame.is) {
      case 'event':
        return void this.store(frame)
      case 'ping':
        this.countPing()
        return this.send(pong(frame.messageId, frame.data))
      case 'callback':
        return this.send(notServed(frame.messageId))
      case 'disconnect':
        return this.leave(frame.because)
      case 'other':
        return
    }
  }

  /** The platform goes silent and closes after 10 s; if it does not, we do. */
  private leave(because: string): void {
    this.because = `the platform ended it: ${because}`
    this.farewell ??= this.ground.clock.after(FAREWELL, () => this.socket.terminate())
    this.hasLeft.resolve('notice')
  }

  private async store({ messageId, headers, data }: Frame & { readonly is: 'event' }): Promise<void> {
    if (this.unstored >= 2 * MAX_UNSTORED) return this.send(later(messageId))
    this.unstored++
    if (this.unstored === MAX_UNSTORED) this.socket.pause()
    try {
      await this.sink.hand([handedOfStream(headers, data)])
      this.send(taken(messageId))
    } catch {
      this.send(later(messageId))
    } finally {
      if (--this.unstored === 0) this.lastStored?.resolve()
      if (this.socket.isPaused && this.unstored <= MAX_UNSTORED / 2) this.socket.resume()
    }
  }

  private send(text: string): void {
    if (this.socket.readyState !== WebSocket.OPEN) return
    if (this.socket.bufferedAmount > MAX_UNSENT) this.cut('it does not read our answers')
    else this.socket.send(text)
  }

  /** Asks for a sign of life; without one since the last time the connection is dead. */
  private beat(): void {
    const isSilent = !this.heartbeat.heard && !this.socket.isPaused
    if (isSilent) return this.cut('it has fallen silent')
    this.heartbeat.heard = false
    this.heartbeat.pings = 0
    this.socket.ping()
    this.heartbeat.timer = this.ground.clock.after(HEARTBEAT, () => this.beat())
  }

  private countPing(): void {
    this.heartbeat.heard = true
    if (++this.heartbeat.pings > MAX_PINGS) this.cut('it floods us with pings')
  }

  private cut(because: string): void {
    this.because = because
    this.socket.terminate()
  }

  private end(): void {
    this.heartbeat.timer?.cancel()
    this.farewell?.cancel()
    this.hasClosed.resolve(this.because)
  }
}
