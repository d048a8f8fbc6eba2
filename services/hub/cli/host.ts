import type { Readable } from 'node:stream'

/** Where text goes. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
}

/** The process around a command, as much of it as commands use; tests hand in another. */
export interface Host {
  /** Data, and nothing else. */
  readonly out: Output
  /** Talk: progress, remarks, errors. */
  readonly err: Output
  readonly in: Readable & { readonly isTTY?: boolean | undefined }
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Calls on Ctrl-C and SIGTERM, which then do not end the process. Gives a way to stop listening. */
  onStop(listener: () => void): () => void
  /** Ends at once, whatever is under way. */
  exit(code: number): void
}

const signals = ['SIGINT', 'SIGTERM'] as const

/** The process we are. */
export function processHost(environment: Host['environment']): Host {
  const { stdout, stderr, stdin } = process
  return {
    out: stdout,
    err: stderr,
    in: stdin,
    environment,
    onStop(listener) {
      for (const signal of signals) process.on(signal, listener)
      return () => signals.forEach((signal) => process.off(signal, listener))
    },
    exit: (code) => process.exit(code),
  }
}
