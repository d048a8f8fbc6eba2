import type { Clock } from '../time/index.ts'

// Vendors count by the calendar of China, which has had no summer time since 1991.
const SHANGHAI = 8 * 3_600_000

/** The calls of this calendar month in Asia/Shanghai. */
export class MonthlyQuota {
  private month: string
  private ends: number

  constructor(
    private readonly clock: Clock,
    readonly perMonth: number,
    private count: number,
    private readonly changed: (count: number, month: string) => void,
  ) {
    ;({ month: this.month, ends: this.ends } = monthOf(clock.now()))
  }

  get used(): number {
    this.turn()
    return this.count
  }

  /** Counts a call; or says in how many ms the next month begins, when there is none left. */
  take(): number | undefined {
    this.turn()
    if (this.perMonth > 0 && this.count >= this.perMonth) return this.ends - this.clock.now()
    this.set(this.count + 1)
    return undefined
  }

  /** The call was not made after all. */
  giveBack(): void {
    this.turn()
    if (this.count > 0) this.set(this.count - 1)
  }

  private set(count: number): void {
    this.count = count
    this.changed(count, this.month)
  }

  private turn(): void {
    if (this.clock.now() < this.ends) return
    ;({ month: this.month, ends: this.ends } = monthOf(this.clock.now()))
    this.count = 0
  }
}

/** The month of a moment as `yyyy-MM`, and the moment it ends. */
function monthOf(ms: number): { month: string; ends: number } {
  const there = new Date(ms + SHANGHAI)
  const ends = Date.UTC(there.getUTCFullYear(), there.getUTCMonth() + 1, 1) - SHANGHAI
  return { month: there.toISOString().slice(0, 7), ends }
}
