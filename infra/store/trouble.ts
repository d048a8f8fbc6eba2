import { HubError } from '@shuniu/contracts'
import type { Store } from './port.ts'

/** Whether rows or the log cannot be written or read for now: nothing is wrong with what was wanted, and it is tried again. */
export function isPassing(error: unknown): error is HubError {
  return error instanceof HubError && error.status === 503 && /^(?:store|log)\./.test(error.code)
}

/**
 * The same store; `unknown` hears when nobody knows whether a commit happened: what is held in memory and follows from rows has
 * to be compared with them.
 */
export function tellUnknown(store: Store, unknown: () => void): Store {
  return {
    ...store,
    commit: (changes) =>
      store.commit(changes).catch((error: unknown) => {
        if (error instanceof HubError && error.code === 'store.unknown') unknown()
        throw error
      }),
  }
}

/** Comparing again and again until it was possible once; asked for meanwhile, once more after that. */
export class ReadBack {
  private running: Promise<void> | undefined
  private again = false

  constructor(
    private readonly compare: () => Promise<void>,
    private readonly rest: () => Promise<void>,
    private readonly signal: AbortSignal,
  ) {}

  ask(): void {
    this.again = true
    this.running ??= this.run().finally(() => (this.running = undefined))
  }

  /** Resolves when nothing is under way; `signal` says that it is time. */
  async close(): Promise<void> {
    await this.running
  }

  private async run(): Promise<void> {
    while (this.again && !this.signal.aborted) {
      this.again = false
      try {
        await this.compare()
      } catch {
        this.again = true
        await this.rest()
      }
    }
  }
}
