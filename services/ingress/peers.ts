import type { Clock } from '@shuniu/infra/time'
import type { SparingLog } from './sparing-log.ts'

/** Small refusals that a stranger has free, and how many more he gets each second: a few percent of what we could take. */
export const freeRefusals = 2_000
const refusalsPerSecond = 500
/** Each so many bytes of a body cost as much as another refusal. */
const bytesOfOne = 8_192
/** Bodies of a stranger that have begun and not come to their end: at 1 MiB each what he can make us hold. */
export const mostUnfinished = 256
/** For so long an address is no stranger that has handed over something genuine. */
export const knownFor = 600_000
/** Of more addresses the oldest is forgotten. */
const mostPeers = 10_000

interface Peer {
  /** Refusals not worked off yet, as of `at` (uptime, ms). */
  refusals: number
  at: number
  unfinished: number
  /** Uptime until which it is no stranger. */
  knownUntil: number
}

/**
 * What one address may cost before it has proved anything: refused requests and unfinished bodies. Who has handed over
 * something genuine is never put off, whatever else comes from there: it may be a proxy, with strangers behind it.
 */
export class Peers {
  private readonly peers = new Map<string, Peer>()

  constructor(
    private readonly clock: Pick<Clock, 'uptime'>,
    private readonly log: Pick<SparingLog, 'warn'>,
  ) {}

  /** A request begins. Undefined when it has to be put off; else to be called when its body has come, or never will. */
  begin(address: string): (() => void) | undefined {
    const peer = this.peerOf(address)
    const because = this.excessOf(peer)
    if (because !== undefined) {
      this.log.warn('ingress.peer-put-off', { peer: address, because })
      return undefined
    }
    peer.unfinished++
    return () => void peer.unfinished--
  }

  /** A hook was answered with this HTTP status; the body had so many bytes. */
  answered(address: string, status: number, bytes: number): void {
    const peer = this.peerOf(address)
    if (status < 300) peer.knownUntil = this.clock.uptime() + knownFor
    else if (status >= 400 && status < 500) peer.refusals = this.refusalsOf(peer) + 1 + bytes / bytesOfOne
  }

  private excessOf(peer: Peer): string | undefined {
    if (peer.knownUntil > this.clock.uptime()) return undefined
    if (peer.unfinished >= mostUnfinished) return 'too many unfinished bodies'
    return this.refusalsOf(peer) >= freeRefusals ? 'too much that was refused' : undefined
  }

  private refusalsOf(peer: Peer): number {
    const now = this.clock.uptime()
    peer.refusals = Math.max(0, peer.refusals - ((now - peer.at) / 1_000) * refusalsPerSecond)
    peer.at = now
    return peer.refusals
  }

  private peerOf(address: string): Peer {
    const known = this.peers.get(address)
    if (known) return known
    const oldest = this.peers.size >= mostPeers ? this.peers.keys().next().value : undefined
    if (oldest !== undefined) this.peers.delete(oldest)
    const peer: Peer = { refusals: 0, at: this.clock.uptime(), unfinished: 0, knownUntil: -Infinity }
    this.peers.set(address, peer)
    return peer
  }
}
