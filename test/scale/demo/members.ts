import { startShuniu, type Running } from '@shuniu/hub'

export type Role = 'ingress' | 'orchestrator'

/** What one process did. Receipts it took in, runs it brought to an end, calls it made that count in a target. */
export interface ProcessReport {
  readonly role: Role
  readonly pid: number
  readonly receipts: number
  readonly runs: number
  readonly effects: number
  /** Partitions that it took over from the one that was killed. */
  readonly takeovers: number
  readonly killed: boolean
}

/** One process of the hub, and what it has done as far as it could be asked. */
export class Member {
  killed = false
  takeovers = 0
  private done = { receipts: 0, runs: 0, effects: 0 }

  private constructor(
    readonly role: Role,
    private readonly running: Running,
    /** The process itself: its launcher may stand before it. */
    readonly pid: number,
  ) {}

  static async start(
    role: Role,
    args: readonly string[],
    environment: Readonly<Record<string, string | undefined>>,
  ): Promise<Member> {
    const running = await startShuniu(['start', '--role', role, ...args], environment)
    return new Member(role, running, running.pid)
  }

  get url(): string {
    return this.running.url
  }

  /** Calls to other systems that are under way at this moment. */
  async openCalls(): Promise<number> {
    return sumOf(await this.metrics(), 'shuniu_vendor_calls', 'under way')
  }

  /** One that does not answer now has done at least what it said before. */
  async look(): Promise<void> {
    const metrics = this.killed ? undefined : await this.metrics().catch(() => undefined)
    if (metrics === undefined) return
    this.done = {
      receipts: sumOf(metrics, 'shuniu_receipts_total', 'received'),
      runs: sumOf(metrics, 'shuniu_runs_finished_total', ''),
      effects: sumOf(metrics, 'shuniu_effects_total', ''),
    }
  }

  async kill(): Promise<void> {
    await this.look()
    this.killed = true
    await this.running.kill()
  }

  async stop(): Promise<void> {
    if (!this.killed) await this.running.stop()
  }

  report(): ProcessReport {
    const { role, pid, takeovers, killed } = this
    return { role, pid, ...this.done, takeovers, killed }
  }

  private async metrics(): Promise<string> {
    return (await fetch(`${this.url}/metrics`)).text()
  }
}

/** The sum of a metric's series that have a label of this value; of all without one. */
export function sumOf(metrics: string, name: string, label: string): number {
  return metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && (label === '' || line.includes(`="${label}"`)))
    .reduce((sum, line) => sum + Number(line.replace(/^.*} /, '').replace(/ .*$/, '')), 0)
}
