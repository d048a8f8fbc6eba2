export interface Connected {
  connect(): Promise<void>
  disconnect(): Promise<void>
}

interface Life<T> {
  readonly client: Promise<T>
  calls: number
  ended: boolean
}

/**
 * A client that is replaced after a call that failed. kafkajs asks about all topics a client ever used at once: one that
 * was deleted would fail every later call about any other.
 */
export class Renewed<T extends Connected> {
  private life: Life<T> | undefined
  private readonly leaving = new Set<Promise<unknown>>()

  constructor(private readonly make: () => T) {}

  async use<R>(call: (client: T) => Promise<R>): Promise<R> {
    const life = (this.life ??= this.begin())
    life.calls++
    try {
      return await call(await life.client)
    } catch (error) {
      this.end(life)
      throw error
    } finally {
      life.calls--
      this.leave(life)
    }
  }

  async close(): Promise<void> {
    if (this.life) {
      const { life } = this
      this.end(life)
      this.leave(life)
    }
    await Promise.all(this.leaving)
  }

  private begin(): Life<T> {
    const client = this.make()
    return { client: client.connect().then(() => client), calls: 0, ended: false }
  }

  private end(life: Life<T>): void {
    life.ended = true
    if (this.life === life) this.life = undefined
  }

  /** What is under way goes on. */
  private leave(life: Life<T>): void {
    if (!life.ended || life.calls > 0) return
    const left = life.client.then((client) => client.disconnect()).catch(() => undefined)
    this.leaving.add(left)
    void left.then(() => this.leaving.delete(left))
  }
}
