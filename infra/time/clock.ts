/** Time and chance come in from outside, so that a whole hub can run under a simulated clock and a seed. */

/** A cancelled timer never fires. */
export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Wall clock in ms since 1970: for display, signatures and business dates, never for order or length. */
  now(): number
  /** Seconds of this boot, as ms; goes on while the process is frozen. Lengths that must survive SIGSTOP use it. */
  uptime(): number
  /** Identity of this boot of the machine; another one means that uptime started anew. */
  readonly bootId: string
  /** Calls once after `ms`. */
  after(ms: number, call: () => void): Timer
}

export interface Random {
  /** At least 0, less than 1. */
  next(): number
  bytes(count: number): Uint8Array
}

export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = (): void => {
      timer.cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = clock.after(ms, done)
    signal?.addEventListener('abort', done, { once: true })
  })
}
