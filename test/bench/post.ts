import { pause, until } from '../processes/pause.ts'
import type { Program } from '../processes/program.ts'
import { Driver } from './driver.ts'
import { figure, quantile, type Figure } from './figures.ts'
import { drained, numberOf, type House } from './house.ts'
import type { Size } from './ingest.ts'
import { cpuOf, peakMemoryOf } from './machine.ts'
import type { Push } from './push.ts'

/** One round of posting. `cpu` in seconds, without the start of the program. */
export interface Posted {
  readonly rate: number
  readonly cpu: number
  readonly memory: number
  readonly loop: number
}

/**
 * Receipt → voucher saved in a target that answers at once, 64 at a time: reads the approval, maps it, saves it. The
 * window is from the first read to the last save; it includes ledger, journal, events and checkpoints.
 */
export async function post(
  house: House,
  { rounds, count }: Size,
): Promise<{ figures: Figure[]; memory: number[]; loop: number[] }> {
  const ours: Posted[] = []
  const bare: { rate: number; cpu: number }[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push(await postOurs(house, `post-${round}`, house.pushes(count)))
    bare.push(await postBare(house, house.pushes(count)))
  }
  const per10k = (of: readonly { cpu: number }[]): number[] => of.map(({ cpu }) => (cpu / count) * 10_000)
  const rates = (of: readonly { rate: number }[]): number[] => of.map(({ rate }) => rate)
  return {
    figures: [
      figure('post', 'vouchers/s', { ratioAtLeast: 0.6 }, rates(ours), rates(bare)),
      figure('post: CPU', 's per 10,000 effects', { atMost: 2 }, per10k(ours), per10k(bare)),
      figure('post: lost or doubled after kill -9', 'vouchers', { atMost: 0 }, [await recount(house, 'post-0', count)]),
    ],
    memory: ours.map(({ memory }) => memory),
    loop: ours.map(({ loop }) => loop),
  }
}

/** Receives everything first, dies, and is started again to post it. */
export async function postOurs(house: House, data: string, pushes: readonly Push[]): Promise<Posted> {
  const held = await house.hub('held', data)
  const start = cpuOf(held.pid)
  const driver = new Driver(held.url, '/hooks/dingtalk-main/callback')
  await driver.all(pushes)
  await driver.close()
  await held.end('SIGKILL')
  await house.seen('reset')
  const hub = await house.hub('free', data)
  const probe = probeLoop(hub)
  const { firstRead, lastSave } = await house.saved(pushes.length)
  const loop = await probe.end()
  await drained(hub)
  const cpu = cpuOf(hub.pid) - start
  const memory = peakMemoryOf(hub.pid)
  await house.end(hub)
  return { rate: pushes.length / ((lastSave - firstRead) / 1000), cpu, memory, loop }
}

async function postBare(house: House, pushes: readonly Push[]): Promise<{ rate: number; cpu: number }> {
  const bare = await house.bare()
  const start = cpuOf(bare.pid)
  await house.seen('reset')
  const answer = await fetch(`${bare.url}/run`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ids: pushes.map(({ id }) => id) }),
  })
  if (!answer.ok) throw new Error(`the bare program: ${await answer.text()}`)
  const { firstRead, lastSave } = await house.seen()
  const cpu = cpuOf(bare.pid) - start
  await bare.end('SIGKILL')
  return { rate: pushes.length / ((lastSave - firstRead) / 1000), cpu }
}

/** How long the hub's loop lets somebody wait, p99 in ms, its answer included: asked a hundred times a second. */
function probeLoop(hub: Program): { end(): Promise<number> } {
  const waits: number[] = []
  const ending = new AbortController()
  const running = (async () => {
    while (!ending.signal.aborted) {
      const before = performance.now()
      await (await fetch(`${hub.url}/livez`)).arrayBuffer()
      waits.push(performance.now() - before)
      await pause(10)
    }
  })()
  return {
    async end() {
      ending.abort()
      await running
      return quantile(waits, 0.99)
    },
  }
}

/** Ends with a kill -9 in the middle of posting, a second start, and a recount of both books. */
async function recount(house: House, data: string, before: number): Promise<number> {
  await house.seen('reset')
  await house.seen('through')
  const pushes = house.pushes(Math.min(1_000, before))
  const hub = await house.hub('free', data)
  const driver = new Driver(hub.url, '/hooks/dingtalk-main/callback')
  await driver.all(pushes)
  await driver.close()
  await until(async () => ((await house.seen()).saves > pushes.length / 3 ? true : undefined), {
    within: 60_000,
    every: 2,
  })
  await hub.end('SIGKILL')
  const second = await house.hub('free', data)
  await house.saved(pushes.length)
  await drained(second)
  await second.end('SIGKILL')
  await house.seen('direct')
  const book = await house.book()
  const wrong = pushes.filter((push) => book.get(numberOf(push))?.length !== 1).length
  return wrong + Math.max(0, book.size - pushes.length)
}
