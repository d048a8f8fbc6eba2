import { Pool } from 'undici'
import type { Push } from './push.ts'

/** What a round of pushes showed. Latencies in ms. */
export interface Driven {
  readonly seconds: number
  readonly refused: number
  readonly latencies: readonly number[]
}

/** Posts pushes to an address. */
export class Driver {
  private readonly pool: Pool

  constructor(
    origin: string,
    private readonly path: string,
  ) {
    this.pool = new Pool(origin, { connections: 64, pipelining: 1 })
  }

  /** All of them, 64 at a time. */
  async all(pushes: readonly Push[]): Promise<Driven> {
    const work = pushes.values()
    return this.measured(async (post) => {
      const worker = async (): Promise<void> => {
        for (const push of work) await post(push, performance.now())
      }
      await Promise.all(Array.from({ length: 64 }, worker))
    })
  }

  /** `perSecond` of them each second, whether answers have come or not; latency counts from when a push was due. */
  async steadily(pushes: readonly Push[], perSecond: number): Promise<Driven> {
    return this.measured(async (post) => {
      const began = performance.now()
      const underWay: Promise<void>[] = []
      for (let next = 0; next < pushes.length;) {
        const due = Math.min(pushes.length, Math.floor(((performance.now() - began) / 1000) * perSecond) + 1)
        for (; next < due; next++) {
          const push = pushes[next]
          if (push) underWay.push(post(push, began + (next / perSecond) * 1000))
        }
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      await Promise.all(underWay)
    })
  }

  close(): Promise<void> {
    return this.pool.close()
  }

  private async measured(work: (post: (push: Push, from: number) => Promise<void>) => Promise<void>): Promise<Driven> {
    const latencies: number[] = []
    let refused = 0
    const began = performance.now()
    await work(async ({ query, body }, from) => {
      const headers = { 'content-type': 'application/json' }
      const answer = await this.pool.request({ method: 'POST', path: `${this.path}?${query}`, headers, body })
      await answer.body.dump()
      if (answer.statusCode !== 200) refused++
      latencies.push(performance.now() - from)
    })
    return { seconds: (performance.now() - began) / 1000, refused, latencies }
  }
}
