import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { HubError } from '@shuniu/contracts'

const launcher = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../bin/shuniu.mjs' : '../../bin/shuniu.mjs', import.meta.url),
)

/** A `shuniu` command running as a process of its own. */
export interface Running {
  readonly url: string
  readonly pid: number
  /** SIGKILL: it gets no chance to tidy up. Resolves when it is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<void>
}

/** Starts `shuniu …` and waits for its line `ready <url>`. */
export function startShuniu(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Running> {
  const child = spawn(process.execPath, [launcher, ...args], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  return new Promise((resolve, reject) => {
    const errors: string[] = []
    child.stderr.on('data', (chunk: Buffer) => void (errors.length < 50 && errors.push(chunk.toString())))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /^ready (http:\S+)/.exec(line)?.[1]
      if (url) resolve(runningOf(child, url))
    })
    child.once('exit', (code) => reject(new Error(`shuniu ${args[0]} ended with ${code}: ${errors.join('')}`)))
  })
}

/** Throws `cli.cannot-listen` when a port of this machine is taken. */
export async function checkPort(port: number): Promise<void> {
  const host = '127.0.0.1'
  const server = createServer()
  try {
    await once(server.listen({ port, host }), 'listening')
  } catch (cause) {
    const because = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    throw new HubError('cli.cannot-listen', { address: `${host}:${port}`, because }, { cause })
  } finally {
    server.close()
  }
}

function runningOf(child: ChildProcess, url: string): Running {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const end = (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    return gone
  }
  return { url, pid: child.pid ?? 0, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') }
}
