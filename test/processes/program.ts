import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'

/** A program running as a process of its own. */
export interface Program {
  readonly url: string
  /** Its own process, not a launcher's: who kills it kills the program. */
  readonly pid: number
  /** What it was asked to do besides ending: SIGSTOP, SIGCONT. */
  signal(name: NodeJS.Signals): void
  /** Resolves when it is gone; `signal` is sent first, if one is given. */
  end(signal?: NodeJS.Signals): Promise<void>
  /** True from the moment it is gone. */
  readonly isGone: boolean
  /** Its exit code, once it is gone by itself. */
  readonly code: number | null
}

export interface Command {
  /** A program that prints `ready <url>` when it can be used. */
  readonly script: string
  readonly args: readonly string[]
  /** Options of Node itself. */
  readonly flags?: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What it says on stderr is added to this file. */
  readonly log: string
}

/** A start that takes longer is a failure, ms. */
const longestStart = 60_000

/** The `shuniu` command of a checkout. */
export const shuniuOf = (checkout: string): string => join(checkout, 'services/hub/bin/shuniu.mjs')

/** Starts it and waits for its line `ready <url>`. */
export function startProgram(command: Command): Promise<Program> {
  const { script, args, log } = command
  const child = spawned(command)
  return new Promise((resolve, reject) => {
    const fail = (what: string): void =>
      reject(new Error(`${basename(script)} ${args.join(' ')} ${what}:\n${lastOf(log)}`))
    const late = setTimeout(() => (child.kill('SIGKILL'), fail('did not get ready')), longestStart)
    child.once('exit', (code, signal) => (clearTimeout(late), fail(`ended with ${signal ?? code}`)))
    readLines(child, (line) => {
      const url = /^ready (http:\S+)/.exec(line)?.[1]
      if (url === undefined) return
      clearTimeout(late)
      resolve(programOf(child, url))
    })
  })
}

/** Starts it and kills it `ms` later, ready or not; resolves when it is gone. */
export async function killStarting(command: Command, ms: number): Promise<void> {
  const child = spawned(command)
  const gone = new Promise((resolve) => child.once('exit', resolve))
  const timer = setTimeout(() => child.kill('SIGKILL'), ms)
  await gone
  clearTimeout(timer)
}

function spawned({ script, args, flags = [], environment, log }: Command): ChildProcess {
  const output = openSync(log, 'a')
  const child = spawn(process.execPath, [...flags, script, ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', output],
  })
  closeSync(output)
  killWithUs(child)
  return child
}

function readLines({ stdout }: ChildProcess, take: (line: string) => void): void {
  if (!stdout) throw new Error('its stdout is no pipe')
  createInterface({ input: stdout }).on('line', take)
}

function programOf(child: ChildProcess, url: string): Program {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    url,
    pid: child.pid ?? 0,
    signal: (name) => void child.kill(name),
    end(signal) {
      if (signal) child.kill(signal)
      return gone
    },
    get isGone() {
      return child.exitCode !== null || child.signalCode !== null
    },
    get code() {
      return child.exitCode
    },
  }
}

const children = new Set<ChildProcess>()

/** Nothing we started goes on when we end, however we end. */
function killWithUs(child: ChildProcess): void {
  if (!process.listeners('exit').includes(killAll)) {
    process.on('exit', killAll)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  }
  children.add(child)
  child.once('exit', () => children.delete(child))
}

function killAll(): void {
  for (const child of children) child.kill('SIGKILL')
}

const lastOf = (log: string): string => readFileSync(log, 'utf8').slice(-4_000)
