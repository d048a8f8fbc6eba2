import { cpSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { figure, type Figure } from './figures.ts'
import type { House } from './house.ts'
import { multiply } from './multiply.ts'
import { postOurs, type Posted } from './post.ts'
import { worstCommit } from './worst-commit.ts'

export interface GrowthSize {
  readonly rounds: number
  /** Approvals of a round. */
  readonly count: number
  /** Rows of the small and of the large ledger. */
  readonly small: number
  readonly large: number
}

/** What one event costs in a large ledger against a small one, and the worst commit there. */
export async function growth(
  house: House,
  { rounds, count, small, large }: GrowthSize,
  say: (line: string) => void,
): Promise<{ figures: Figure[]; memory: number[]; loop: number[] }> {
  await makeLedgers(house, { small, large }, say)
  const few: Posted[] = []
  const many: Posted[] = []
  for (let round = 0; round < rounds; round++) {
    few.push(await postOurs(house, 'small', house.pushes(count)))
    many.push(await postOurs(house, 'large', house.pushes(count)))
  }
  const micros = (of: readonly Posted[]): number[] => of.map(({ rate }) => 1e6 / rate)
  const cpu = (of: readonly Posted[]): number[] => of.map((one) => (one.cpu / count) * 1e6)
  const worst = await worstCommit(join(house.folder, 'large'))
  const rows = `${large.toLocaleString('en')} rows against ${small.toLocaleString('en')}`
  return {
    figures: [
      figure(`growth: time of an event, ${rows}`, 'µs', { ratioAtMost: 1.2 }, micros(many), micros(few)),
      figure(`growth: CPU of an event, ${rows}`, 'µs', { ratioAtMost: 1.2 }, cpu(many), cpu(few)),
      figure('growth: worst commit', 'ms', { atMost: 50 }, [worst]),
    ],
    memory: many.map(({ memory }) => memory),
    loop: many.map(({ loop }) => loop),
  }
}

async function makeLedgers(
  house: House,
  { small, large }: { small: number; large: number },
  say: (line: string) => void,
): Promise<void> {
  say(`  posting ${small} vouchers for the small ledger`)
  await postOurs(house, 'small', house.pushes(small))
  const [from, to] = [join(house.folder, 'small'), join(house.folder, 'large')]
  cpSync(from, to, { recursive: true })
  const file = join(to, 'shuniu.db')
  multiply(file, Math.round(large / small) - 1, say)
  say(`  the large ledger has ${(statSync(file).size / 2 ** 30).toFixed(1)} GiB`)
}
