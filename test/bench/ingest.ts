import type { Program } from '../processes/program.ts'
import { Driver } from './driver.ts'
import { figure, quantile, type Figure } from './figures.ts'
import type { House } from './house.ts'
import { peakMemoryOf } from './machine.ts'

export interface Size {
  readonly rounds: number
  /** Approvals of a round. */
  readonly count: number
}

interface Round {
  readonly rate: number
  readonly p99: number
  readonly memory: number
}

/**
 * Signed push → durable → encrypted answer, against the same without storing. The hub reads no document meanwhile: what
 * it receives waits, as it does behind DingTalk's limit of calls.
 */
export async function ingest(house: House, { rounds, count }: Size): Promise<{ figures: Figure[]; memory: number[] }> {
  const ours: Round[] = []
  const bare: Round[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push(await drive(house, await house.hub('held', `ingest-${round}`), '/hooks/dingtalk-main/callback', count))
    bare.push(await drive(house, await house.bare(), '/hooks/only', count))
  }
  const rates = (of: readonly Round[]): number[] => of.map(({ rate }) => rate)
  const waits = (of: readonly Round[]): number[] => of.map(({ p99 }) => p99)
  return {
    figures: [
      figure('ingest', 'pushes/s', { ratioAtLeast: 0.9 }, rates(ours), rates(bare)),
      figure('ingest: ack p99 at 80 %', 'ms', { atMost: 50 }, waits(ours), waits(bare)),
    ],
    memory: ours.map(({ memory }) => memory),
  }
}

async function drive(house: House, program: Program, path: string, count: number): Promise<Round> {
  const driver = new Driver(program.url, path)
  await driver.all(house.pushes(Math.ceil(count / 10)))
  const full = await driver.all(house.pushes(count))
  const rate = count / full.seconds
  const steady = await driver.steadily(house.pushes(Math.ceil(rate * 0.8 * 3)), rate * 0.8)
  const refused = full.refused + steady.refused
  if (refused > 0) throw new Error(`${refused} pushes were refused at ${path}`)
  const memory = peakMemoryOf(program.pid)
  await driver.close()
  await program.end('SIGKILL')
  return { rate, p99: quantile(steady.latencies, 0.99), memory }
}
