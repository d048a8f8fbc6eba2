import type { DataFile, Sent } from './data-file.ts'
import type { Asked, Simulator } from './simulator.ts'

/** A call that should not have come. */
export interface Violation {
  readonly what: 'late' | 'without a row'
  readonly effect: string
  readonly finding: string
}

interface Arrival {
  readonly effect: string
  readonly at: number
  /** When we saw it first. */
  readonly seenAt: number
}

/** A call may arrive so long after its row said `sending`: what has not left by then is never sent (design §8). */
const sendWindow = 2_000
/** For the way and a busy system. */
const tolerance = 500
/** So long the row of a call may take to become visible to us. */
const patience = 3_000

/**
 * What left the hub, seen at the other end, against what its ledger said before: every call has a row from before it, and
 * none arrives later than its `sendBy`.
 */
export class Wire {
  /** Wall times of each effect's sends, as its row said them. */
  private readonly sends = new Map<string, number[]>()
  private readonly arrived = new Map<string, Asked[]>()
  private waiting: Arrival[] = []
  readonly violations: Violation[] = []
  /** Calls of which the system never got the last byte: cut inside the write. */
  incomplete = 0
  calls = 0
  /** Longest time from row to arrival, ms. */
  longest = 0
  private turn: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly dataFile: DataFile,
    private readonly systems: readonly Simulator[],
  ) {}

  /** Reads what is new on both sides. Called often: a row is overwritten when its effect is sent again. */
  look(rows: DataFile = this.dataFile): Promise<readonly Sent[]> {
    const looked = this.turn.then(() => this.read(rows))
    this.turn = looked.catch(() => undefined)
    return looked
  }

  /** The answers of the systems first: a row is there before its call. */
  private async read(rows: DataFile): Promise<readonly Sent[]> {
    const news = await Promise.all(this.systems.map((system) => system.news()))
    for (const asked of news.flat()) this.take(asked)
    const sent = rows.sent()
    for (const one of sent) this.note(one)
    this.waiting = this.waiting.filter((arrival) => !this.judge(arrival))
    return sent
  }

  /** Sends whose call has not arrived anywhere: between the commit and the write. */
  notArrived(sent: readonly Sent[]): readonly Sent[] {
    return sent.filter(
      (one) => one.state === 'sending' && !this.callsOf(one).some(({ arrivedMs }) => arrivedMs >= one.sentAt),
    )
  }

  /** Sends that were written, and not answered before `moment`. */
  unanswered(sent: readonly Sent[], moment: number): readonly Sent[] {
    const isOpen = ({ arrivedMs, answeredMs = Infinity }: Asked, from: number): boolean =>
      arrivedMs >= from && answeredMs > moment
    return sent.filter((one) => one.state === 'sending' && this.callsOf(one).some((asked) => isOpen(asked, one.sentAt)))
  }

  /** References of vouchers that were saved long after the call had come. */
  executedLate(): readonly string[] {
    return [...this.arrived]
      .filter(([, calls]) => calls.some(({ fault }) => fault === 'late'))
      .map(([effect]) => effect)
  }

  /** True when a call to save the voucher of this approval was answered. */
  hasAnswered(effect: string): boolean {
    return this.arrived.get(effect)?.some(({ status }) => status === 200) ?? false
  }

  private callsOf(sent: Sent): readonly Asked[] {
    return this.arrived.get(effectOf(sent)) ?? []
  }

  private take(asked: Asked): void {
    if (asked.operation === 'incomplete') this.incomplete++
    const effect = effectIn(asked)
    if (effect === undefined) return
    this.calls++
    this.arrived.set(effect, [...(this.arrived.get(effect) ?? []), asked])
    this.waiting.push({ effect, at: asked.arrivedMs, seenAt: Date.now() })
  }

  private note(sent: Sent): void {
    const effect = effectOf(sent)
    const times = this.sends.get(effect)
    if (!times) this.sends.set(effect, [sent.sentAt])
    else if (!times.includes(sent.sentAt)) times.push(sent.sentAt)
  }

  /** True when it is decided. */
  private judge({ effect, at, seenAt }: Arrival): boolean {
    const before = this.sends.get(effect)?.filter((sentAt) => sentAt <= at) ?? []
    if (before.length > 0) {
      const after = at - Math.max(...before)
      this.longest = Math.max(this.longest, after)
      if (after > sendWindow + tolerance)
        this.violated('late', effect, `arrived ${after} ms after its row said sending`)
      return true
    }
    if (Date.now() - seenAt < patience) return false
    this.violated('without a row', effect, 'arrived before a row of the ledger said sending')
    return true
  }

  private violated(what: Violation['what'], effect: string, how: string): void {
    this.violations.push({ what, effect, finding: `the call for ${effect} ${how}` })
  }
}

/** How an effect is called on both sides: money by its reference, a comment by its approval. */
export function effectOf({ operation, reference, key }: Pick<Sent, 'operation' | 'reference' | 'key'>): string {
  return operation === 'approval.comment' ? `comment ${key}` : reference
}

function effectIn({ operation, body }: Asked): string | undefined {
  if (operation === 'approval.comment') return `comment ${/"processInstanceId":"([^"]+)"/.exec(body)?.[1]}`
  if (!/^voucher\.(save|reverse)$/.test(operation)) return undefined
  return /F_HUB_SourceId\\?":\\?"(SN[0-9A-Z]{26})/.exec(body)?.[1] ?? 'a voucher without a reference'
}
