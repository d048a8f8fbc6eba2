import type { Program } from '../processes/program.ts'
import { Driver, type Driven } from './driver.ts'
import { figure, quantile, type Figure } from './figures.ts'
import type { House } from './house.ts'
import { peakMemoryOf } from './machine.ts'

export interface Size {
  readonly rounds: number
  /** Approvals of a round. */
  readonly count: number
}

/** Ours and theirs are driven in turn, in slices, so that whatever else the machine does meets both. */
const slices = 8

/**
 * Signed push → durable → encrypted answer, against the same without storing. The hub reads no document meanwhile: what
 * it receives waits, as it does behind DingTalk's limit of calls.
 */
export async function ingest(house: House, { rounds, count }: Size): Promise<{ figures: Figure[]; memory: number[] }> {
  const ours: Side[] = []
  const bare: Side[] = []
  for (let round = 0; round < rounds; round++) {
    const [hub, program] = [await house.hub('held', `ingest-${round}`), await house.bare()]
    const [one, other] = [
      new Side(house, hub, '/hooks/dingtalk-main/callback'),
      new Side(house, program, '/hooks/only'),
    ]
    for (const side of [one, other]) await side.warmUp(Math.ceil(count / 10))
    for (let slice = 0; slice < slices; slice++)
      for (const side of [one, other]) await side.drive(Math.ceil(count / slices))
    for (const side of [one, other]) await side.driveSteadily()
    ours.push(one)
    bare.push(other)
    for (const side of [one, other]) await side.close()
  }
  const rates = (of: readonly Side[]): number[] => of.map(({ rate }) => rate)
  const waits = (of: readonly Side[]): number[] => of.map(({ p99 }) => p99)
  return {
    figures: [
      figure('ingest', 'pushes/s', { ratioAtLeast: 0.9 }, rates(ours), rates(bare)),
      figure('ingest: ack p99 at 80 %', 'ms', { atMost: 50 }, waits(ours), waits(bare)),
    ],
    memory: ours.map(({ memory }) => memory),
  }
}

/** One of both programs in one round. */
class Side {
  private readonly driver: Driver
  private pushed = 0
  private seconds = 0
  p99 = 0
  memory = 0

  constructor(
    private readonly house: House,
    private readonly program: Program,
    private readonly path: string,
  ) {
    this.driver = new Driver(program.url, path)
  }

  /** Pushes a second. */
  get rate(): number {
    return this.pushed / this.seconds
  }

  async warmUp(count: number): Promise<void> {
    this.check(await this.driver.all(this.house.pushes(count)))
  }

  async drive(count: number): Promise<void> {
    const driven = this.check(await this.driver.all(this.house.pushes(count)))
    this.pushed += count
    this.seconds += driven.seconds
  }

  /** For three seconds, at four fifths of what it can do. */
  async driveSteadily(): Promise<void> {
    const perSecond = this.rate * 0.8
    const driven = this.check(await this.driver.steadily(this.house.pushes(Math.ceil(perSecond * 3)), perSecond))
    this.p99 = quantile(driven.latencies, 0.99)
  }

  async close(): Promise<void> {
    this.memory = peakMemoryOf(this.program.pid)
    await this.driver.close()
    await this.house.end(this.program)
  }

  private check(driven: Driven): Driven {
    if (driven.refused > 0) throw new Error(`${driven.refused} pushes were refused at ${this.path}`)
    return driven
  }
}
