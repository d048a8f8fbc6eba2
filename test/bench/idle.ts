import { pause, until } from '../processes/pause.ts'
import type { Program } from '../processes/program.ts'
import { Driver } from './driver.ts'
import { figure, quantile, type Figure } from './figures.ts'
import { numberOf, type House } from './house.ts'
import type { Size } from './ingest.ts'
import { peakMemoryOf } from './machine.ts'

const now = (): number => performance.timeOrigin + performance.now()

/** From the push of an approval to the call that saves its voucher, in a hub that has nothing else to do. */
export async function idle(house: House, { rounds, count }: Size): Promise<{ figures: Figure[]; memory: number[] }> {
  const [ours, bare, memory]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    const hub = await house.hub('free', `idle-${round}`)
    ours.push(await onePerTime(house, hub, '/hooks/dingtalk-main/callback', count))
    memory.push(peakMemoryOf(hub.pid))
    await hub.end('SIGKILL')
    const program = await house.bare()
    bare.push(await onePerTime(house, program, '/hooks/chain', count))
    await program.end('SIGKILL')
  }
  return { figures: [figure('idle: push → voucher call, p99', 'ms', { atMost: 20 }, ours, bare)], memory }
}

async function onePerTime(house: House, program: Program, path: string, count: number): Promise<number> {
  const driver = new Driver(program.url, path)
  await house.seen('reset')
  const warm = house.pushes(50)
  for (const push of warm) await driver.all([push])
  await house.saved(warm.length)
  const pushes = house.pushes(count)
  const sent = new Map<string, number>()
  for (const push of pushes) {
    await pause(20)
    sent.set(numberOf(push), now())
    await driver.all([push])
  }
  await until(async () => ((await house.seen()).saves >= warm.length + count ? true : undefined), { within: 60_000 })
  await driver.close()
  const book = await house.book()
  const ways = [...sent].map(([number, at]) => (book.get(number)?.[0] ?? Infinity) - at)
  return quantile(ways, 0.99)
}
