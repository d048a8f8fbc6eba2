import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'shuniu-runtime-'))
afterAll(() => rmSync(folder, { recursive: true }))

const packageName = `node-${process.platform}-${process.arch}`

/** A project whose pinned runtime has the version given, and a program in it that runs `body` under that runtime. */
function project(name: string, version: string | undefined, body: string, flags: readonly string[] = []): string {
  const bin = join(folder, name, 'bin')
  mkdirSync(bin, { recursive: true })
  copyFileSync(fileURLToPath(new URL('runtime.mjs', import.meta.url)), join(bin, 'runtime.mjs'))
  const head = `import { underPinnedRuntime } from './runtime.mjs'\nawait underPinnedRuntime(${JSON.stringify(flags)})`
  writeFileSync(join(bin, 'program.mjs'), `${head}\n${body}\n`)
  if (version !== undefined) symlinkSync(process.execPath, runtimeOf(name, version))
  return join(bin, 'program.mjs')
}

/** Where the executable of a project's pinned runtime belongs. */
function runtimeOf(name: string, version: string): string {
  const home = join(folder, name, 'node_modules', packageName)
  mkdirSync(join(home, 'bin'), { recursive: true })
  writeFileSync(join(home, 'package.json'), JSON.stringify({ version, bin: { node: 'bin/node' } }))
  return join(home, 'bin/node')
}

function start(program: string, args: readonly string[] = [], options: readonly string[] = []): ChildProcess {
  return spawn(process.execPath, [...options, program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function ended(child: ChildProcess): Promise<{ code: unknown; out: string; err: string }> {
  const [out, err, [code]] = await Promise.all([read(child.stdout), read(child.stderr), once(child, 'close')])
  return { code, out, err }
}

const read = (stream: ChildProcess['stdout']): Promise<string> => (stream ? text(stream) : Promise.resolve(''))

/** A Node of another version, as far as the program can see. */
const pretend = (version: string): string[] => {
  const code = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`]
}

describe('the runtime', () => {
  it('is the pinned one, first in PATH, with the same arguments', async () => {
    const body = 'console.log(JSON.stringify([process.ppid, process.argv.slice(2), process.env.PATH.split(":")[0]]))'
    const child = start(project('pinned', '99.0.0', body), ['runs', '--json'])
    const { code, out } = await ended(child)
    const home = join(folder, 'pinned/node_modules', packageName, 'bin')
    expect([code, JSON.parse(out)]).toEqual([0, [child.pid, ['runs', '--json'], home]])
  })

  it('is this process when it has the pinned version already', async () => {
    const child = start(project('same', process.versions.node, 'console.log(process.pid)'))
    expect((await ended(child)).out).toBe(`${child.pid}\n`)
  })

  it('is started once more for options that the program needs', async () => {
    const body = 'console.log(process.execArgv.join())'
    const { out } = await ended(start(project('flags', process.versions.node, body, ['--no-warnings'])))
    expect(out).toBe('--no-warnings\n')
  })

  it('is our own when the pinned one is not installed and ours is new enough', async () => {
    const child = start(project('own', undefined, 'console.log(process.pid)'))
    expect((await ended(child)).out).toBe(`${child.pid}\n`)
  })

  it('is our own when the pinned one cannot be started here', async () => {
    const program = project('foreign', undefined, 'console.log(process.pid)')
    const file = runtimeOf('foreign', '99.0.0')
    writeFileSync(file, 'made for another system')
    chmodSync(dirname(file), 0o755)
    const child = start(program)
    expect((await ended(child)).out).toBe(`${child.pid}\n`)
  })

  it('that is missing or too old is named in both languages, with what to do', async () => {
    const child = start(project('old', undefined, 'console.log("reached")'), [], pretend('20.1.0'))
    const { code, out, err } = await ended(child)
    expect([code, out]).toEqual([64, ''])
    expect(err).toMatch(new RegExp(`${packageName}.*20\\.1\\.0[^]*npm ci[^]*无法启动[^]*npm ci`))
  })
})

describe('the launcher', () => {
  it('ends with the exit code of what it launched', async () => {
    expect((await ended(start(project('code', '99.0.0', 'process.exit(7)')))).code).toBe(7)
  })

  it('ends with 128 + n when that died of signal n', async () => {
    const body = 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000)'
    expect((await ended(start(project('died', '99.0.0', body)))).code).toBe(137)
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('hands %s on once and waits', async (signal) => {
    const body = `process.on('${signal}', () => { console.log('stopping'); setImmediate(() => process.exit(3)) })
      setInterval(() => {}, 1000); console.log('ready')`
    const child = start(project(signal, '99.0.0', body))
    child.stdout?.once('data', () => child.kill(signal))
    expect(await ended(child)).toMatchObject({ code: 3, out: 'ready\nstopping\n' })
  })

  it('takes what it launched with it when it is killed', async () => {
    const child = start(project('killed', '99.0.0', 'setInterval(() => {}, 1000); console.log("ready")'))
    child.stdout?.once('data', () => child.kill('SIGKILL'))
    // The pipe closes only when the last process that holds it is gone.
    expect((await ended(child)).out).toBe('ready\n')
  })
})
