import type { Hold, Work } from '@shuniu/infra/leases'
import { hash52, partOf } from '@shuniu/infra/store'
import type { Sweeps } from './sweeps.ts'

/** By which a connection's sweeps belong to a partition. */
export const sweepsHash = (connection: string): number => hash52('sweeps', connection)

/** The sweeps of the connections that are ours: one process asks a source what was lost, however many there are. */
export class OwnedSweeps implements Work {
  readonly kind = 'sweep'
  private readonly running = new Map<string, Sweeps>()

  constructor(
    private readonly names: readonly string[],
    private readonly open: (connection: string) => Sweeps,
    readonly failed: (error: unknown) => void,
  ) {}

  /** Those that are looked after here. */
  get(connection: string): Sweeps | undefined {
    return this.running.get(connection)
  }

  async takeUp(holds: readonly Hold[]): Promise<void> {
    const parts = new Set(holds.map(({ part }) => part))
    await Promise.all(
      this.names.map(async (name) => {
        if (this.running.has(name) || !isOf(name, parts)) return
        const sweeps = this.open(name)
        this.running.set(name, sweeps)
        await sweeps.start()
      }),
    )
  }

  async drop(parts: ReadonlySet<number>): Promise<void> {
    await this.close((name) => isOf(name, parts))
  }

  /** The ids are hashes of connections whose sources shall be looked at soon. */
  async notice(ids: readonly number[]): Promise<void> {
    for (const [name, sweeps] of this.running) if (ids.includes(sweepsHash(name))) sweeps.catchUp()
  }

  look(): Promise<void> {
    return Promise.resolve()
  }

  async close(isMeant: (connection: string) => boolean = () => true): Promise<void> {
    const meant = [...this.running].filter(([name]) => isMeant(name))
    for (const [name] of meant) this.running.delete(name)
    await Promise.all(meant.map(([, sweeps]) => sweeps.close()))
  }
}

const isOf = (connection: string, parts: ReadonlySet<number>): boolean => parts.has(partOf(sweepsHash(connection)))
