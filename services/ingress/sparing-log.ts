import type { Clock } from '@shuniu/infra/time'
import type { Log } from '@shuniu/sdk'

/** Between two lines of one code. */
const apart = 1_000

/**
 * Warnings that a stranger can cause as often as he likes: at most one line a second of each code, which says how many
 * were left out before it.
 */
export class SparingLog {
  private readonly kept = new Map<string, { at: number; omitted: number }>()

  constructor(
    private readonly report: Log,
    private readonly clock: Pick<Clock, 'uptime'>,
  ) {}

  warn(code: string, fields: Readonly<Record<string, unknown>>): void {
    const now = this.clock.uptime()
    const last = this.kept.get(code)
    if (last && now - last.at < apart) {
      last.omitted++
      return
    }
    const omitted = last?.omitted ?? 0
    this.kept.set(code, { at: now, omitted: 0 })
    this.report.warn(code, omitted > 0 ? { ...fields, omitted } : fields)
  }
}
