import { pino } from 'pino'
import { realClock, type Clock } from '../time/index.ts'
import { fieldsHere, here } from './around.ts'
import { cleanFields } from './fields.ts'
import { SecretFilter } from './hide.ts'
import { maskPersonal } from './mask.ts'
import { Levels, type LogLevel } from './levels.ts'

type Fields = Readonly<Record<string, unknown>>

/** The operators' log: one JSON object a line, `{"time","level","code",…fields}`. See `cleanFields` for what fields may hold. */
export interface OperatorLog {
  /** For who builds an integration: single calls and decisions. */
  debug(code: string, fields?: Fields): void
  info(code: string, fields?: Fields): void
  warn(code: string, fields?: Fields): void
  error(code: string, fields?: Fields): void
  /** The same log with fields that stand in each of its lines. */
  with(fields: Fields): OperatorLog
  /** A secret learned later, such as a token: never written from now on. */
  hide(secret: string): void
  level: LogLevel
  /** Which lines are written, logger by logger; may be changed at any time. */
  readonly levels: Levels
}

export interface LogOptions {
  readonly level?: LogLevel
  /** Where lines go, each with its line break; default stderr. */
  readonly stream?: { write(line: string): unknown }
  /** Values that are replaced by `***` wherever they stand, in any usual coding. */
  readonly secrets?: readonly string[]
  readonly clock?: Clock
}

/** Where nobody can be told any more (stderr is a file on a full disk), the hub goes on without its log. */
function standardError(): { write(line: string): unknown } {
  const destination = pino.destination({ fd: 2, sync: true })
  destination.on('error', () => undefined)
  return destination
}

/** Opens the log. Lines are written at once, so that a crash loses none. */
export function openLog(options: LogOptions = {}): OperatorLog {
  const { level = 'info', secrets = [], clock = realClock } = options
  const stream = options.stream ?? standardError()
  const filter = new SecretFilter(secrets)
  const hide = (text: string): string => maskPersonal(filter.apply(text), here().personal?.() ?? [])
  const lines = pino(
    {
      level: 'debug',
      base: null,
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => void stream.write(escapeInvisible(hide(line))) },
  )
  const levels = new Levels(level)
  const opened = (bound: Fields): OperatorLog => {
    const write = (to: 'debug' | 'info' | 'warn' | 'error', code: string, fields: Fields): void => {
      if (levels.allow(to, code)) lines[to]({ code, ...fieldsHere(), ...bound, ...cleanFields(fields, hide) })
    }
    return {
      debug: (code, fields = {}) => write('debug', code, fields),
      info: (code, fields = {}) => write('info', code, fields),
      warn: (code, fields = {}) => write('warn', code, fields),
      error: (code, fields = {}) => write('error', code, fields),
      with: (fields) => opened({ ...bound, ...cleanFields(fields, hide) }),
      hide: (secret) => filter.add(secret),
      levels,
      get level() {
        return levels.root
      },
      set level(to) {
        levels.root = to
      },
    }
  }
  return opened({})
}

// Characters that turn or hide what a terminal shows: zero width, direction, byte order mark, line separators.
const INVISIBLE = /[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u007f-\u009f]/g

function escapeInvisible(line: string): string {
  return line.replace(INVISIBLE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
