export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Who writes the log: what stands before the first dot of a line's code. What a connector says itself is `connector`. */
export const loggers = [
  'api',
  'connector',
  'hub',
  'ingress',
  'ledger',
  'notice',
  'orchestrator',
  'project',
  'registry',
  'vendor',
  'wake',
] as const
export type Logger = (typeof loggers)[number]

/** Which lines are written: by the level of their logger, or by that of all. */
export class Levels {
  private readonly own = new Map<string, LogLevel>()

  /** Of every logger that has none of its own. */
  constructor(public root: LogLevel) {}

  allow(level: LogLevel, code: string): boolean {
    const wanted = this.own.size === 0 ? this.root : (this.own.get(loggerOf(code)) ?? this.root)
    return logLevels.indexOf(level) >= logLevels.indexOf(wanted)
  }

  /** Undefined: as all others. */
  set(logger: Logger, level: LogLevel | undefined): void {
    if (level === undefined) this.own.delete(logger)
    else this.own.set(logger, level)
  }

  of(logger: Logger): LogLevel {
    return this.own.get(logger) ?? this.root
  }
}

const known: ReadonlySet<string> = new Set(loggers)

function loggerOf(code: string): string {
  const name = code.slice(0, Math.max(0, code.indexOf('.')))
  return known.has(name) ? name : 'connector'
}
