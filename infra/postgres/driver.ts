import { HubError } from '@shuniu/contracts'
import pg from 'pg'
import { isOfHandshake } from '../tls/handshake.ts'
import { clientsOf } from './driver-client.ts'
import { realClock, type Timer } from '../time/index.ts'
import { fromText, toText } from './text.ts'

/** Where the rows are, and how this process talks to it. */
export interface PostgresOptions {
  /** postgres://user:password@host:port/database?sslmode=verify-full */
  readonly url: string
  /** What the address is when a connection is made; always `url`, unless told: its password may be changed. */
  readonly urlNow?: () => string
  /** The schema that holds the tables. */
  readonly schema?: string
  /** Connections of this process at most. */
  readonly connections?: number
  /** A connection that says nothing to a statement for so long is given up, ms. */
  readonly patience?: number
}

export type Value = string | number | null | Uint8Array | readonly (string | number | null | Uint8Array)[]

export interface Statement {
  readonly text: string
  readonly values: readonly Value[]
}

export interface Answer {
  /** What was done, such as COMMIT: a COMMIT of a transaction that failed before answers ROLLBACK. */
  readonly command: string
  readonly count: number
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** What the server said to one statement. */
export type Reply = Answer | { readonly error: unknown }

/** One connection, for one transaction. */
export interface Session {
  /** Sends at once, behind what was sent before and without waiting for its answer; never rejects. */
  send(text: string, values?: readonly Value[]): Promise<Reply>
  /** Gives the connection back; one that failed is ended. */
  release(): void
}

export interface Database {
  /** Its address without the password, for people. */
  readonly name: string
  /** Rejects with `store.unreachable`, `store.untrusted` or `store.login`. */
  session(): Promise<Session>
  /**
   * Calls back for each NOTIFY on a channel of this schema, with what it says, on a connection of its own that is made anew
   * when it is lost; also after it was made anew, saying nothing, for what was rung meanwhile was not heard.
   */
  listen(channel: string, heard: (said?: string) => void): { close(): Promise<void> }
  close(): Promise<void>
}

/** The code of an error that the server answered (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}

/** Whether an error says that there is no way to the server now: it stops, starts, or takes no more connections; or no word of it. */
export function isAway(error: unknown): boolean {
  const state = sqlState(error)
  return state === undefined || state.startsWith('57P') || state.startsWith('08') || state === '53300'
}

/** The only place that knows the driver. Nothing is connected before it is needed, and anew after it was lost. */
export function connectPostgres({
  url,
  urlNow = () => url,
  schema = 'shuniu',
  connections = 8,
  patience = 30_000,
}: PostgresOptions): Database {
  const name = nameOf(url)
  const Client = clientsOf(urlNow)
  const reached = {
    keepAlive: true,
    application_name: 'shuniu',
    options: sessionSettings(schema),
  }
  const pool = new pg.Pool({
    ...reached,
    Client,
    max: connections,
    // Statements of a transaction follow each other without waiting: a group of commits is one way there and back.
    pipeline: true,
    connectionTimeoutMillis: 10_000,
    query_timeout: patience,
    types: { getTypeParser },
  })
  // An idle connection that the server ends: the pool has dropped it, the next statement gets another.
  pool.on('error', () => undefined)
  let ended: Promise<void> | undefined
  return {
    name,
    async session() {
      try {
        return sessionOn(await pool.connect())
      } catch (error) {
        throw unreachable(name, error)
      }
    },
    listen: (channel, heard) => listen(() => new Client(reached), channelOf(schema, channel), heard),
    close: () => (ended ??= pool.end()),
  }
}

/** Channels belong to a whole database: installations in different schemas have names of their own. */
export function channelOf(schema: string, channel: string): string {
  return `${schema}.${channel}`.slice(0, 63)
}

/** A connection that was lost is made anew after this long, ms. */
const listenAgain = 1_000

function listen(make: () => pg.Client, channel: string, heard: (said?: string) => void): { close(): Promise<void> } {
  let client: pg.Client | undefined
  let timer: Timer | undefined
  let closed = false
  const again = (lost: pg.Client): void => {
    if (client !== lost) return
    client = undefined
    lost.end().catch(() => undefined)
    if (!closed) timer = realClock.after(listenAgain, begin)
  }
  const begin = (): void => {
    const made = (client = make())
    made.on('error', () => again(made))
    made.on('end', () => again(made))
    made.on('notification', ({ payload }) => heard(payload))
    const listening = made.connect().then(() => made.query(`LISTEN ${made.escapeIdentifier(channel)}`))
    listening.then(
      () => heard(),
      () => again(made),
    )
  }
  begin()
  return {
    async close() {
      closed = true
      timer?.cancel()
      const last = client
      client = undefined
      await last?.end().catch(() => undefined)
    },
  }
}

/** What must hold for each of our connections, whatever the server's default is. */
function sessionSettings(schema: string): string {
  const settings = {
    search_path: `"${schema.replaceAll('"', '""')}"`,
    synchronous_commit: 'on',
    // Statements are sent before BEGIN was answered: should it fail, none of them writes on its own.
    default_transaction_read_only: 'on',
    // Whoever was frozen inside a transaction must not hold its locks against the one that takes over.
    idle_in_transaction_session_timeout: '10s',
  }
  return Object.entries(settings)
    .map(([setting, value]) => `-c ${setting}=${value.replaceAll(/[\\ ]/g, '\\$&')}`)
    .join(' ')
}

function sessionOn(client: pg.PoolClient): Session {
  let lost: Error | undefined
  const onError = (error: Error): void => void (lost = error)
  client.on('error', onError)
  return {
    async send(text, values = []) {
      try {
        const { command, rowCount, rows } = await client.query<Record<string, unknown>>({
          ...(values.length > 0 ? { name: statementName(text) } : {}),
          text,
          values: values.map(toServer),
        })
        return { command, count: rowCount ?? 0, rows }
      } catch (error) {
        if (sqlState(error) === undefined) lost ??= error instanceof Error ? error : new Error(String(error))
        return { error }
      }
    },
    release() {
      client.off('error', onError)
      client.release(lost)
    },
  }
}

/** Statements that come again are parsed once for each connection, by these names. */
const names = new Map<string, string>()
function statementName(text: string): string | undefined {
  let name = names.get(text)
  if (name === undefined && names.size < 1_000) names.set(text, (name = `s${names.size}`))
  return name
}

const toServer = (value: Value): unknown => {
  if (typeof value === 'string') return toText(value)
  return Array.isArray(value) ? value.map(toServer) : value
}

const { INT8, TEXT } = pg.types.builtins

/** 64-bit integers as numbers: all of ours fit (ids, ms, 52-bit hashes), and one that does not is an error, never rounded. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === INT8) return toNumber
  return oid === TEXT ? fromText : pg.types.getTypeParser(oid, format)
}

function toNumber(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number))
    throw new HubError('internal.bug', { what: `${text} in the database is too large` })
  return number
}

/** The error to tell when a connection could not be made, or was lost before it was told to commit. */
export function unreachable(database: string, cause: unknown): HubError {
  // Several addresses that all refuse are one error without a message.
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
  return new HubError(whatFailed(cause), { database, reason }, { cause })
}

function whatFailed(cause: unknown): 'store.login' | 'store.untrusted' | 'store.unreachable' {
  if (sqlState(cause)?.startsWith('28')) return 'store.login'
  const { code = '', path, message = '' } = Object(cause)
  const isFile = typeof path === 'string' && String(code).startsWith('E')
  const isTls = isOfHandshake(String(code)) || /does not support SSL/.test(String(message))
  return isFile || isTls ? 'store.untrusted' : 'store.unreachable'
}

function nameOf(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `PostgreSQL ${hostname}:${port || '5432'}${pathname}`
}
