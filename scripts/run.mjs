// What the scripts share. Plain JavaScript that any Node ≥ 18 understands.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endAs, underPinnedRuntime } from '../services/hub/bin/runtime.mjs'

export { underPinnedRuntime }

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Options of Node that let it run the sources as they are. */
export const fromSource = ['--conditions=@shuniu/source', '--experimental-transform-types', '--no-warnings']

export const tools = {
  tsc: 'node_modules/typescript/bin/tsc',
  vitest: 'node_modules/vitest/vitest.mjs',
  oxlint: 'node_modules/oxlint/bin/oxlint',
  oxfmt: 'node_modules/oxfmt/bin/oxfmt',
}

/** A file of the cache folder, which no one misses. */
export function cached(name) {
  const folder = join(root, 'node_modules/.cache')
  mkdirSync(folder, { recursive: true })
  return join(folder, name)
}

/** Runs a script of this folder or a tool; resolves to its exit code, and to what it wrote if `stdio` is `pipe`. */
export function run(file, args = [], { stdio = 'inherit' } = {}) {
  if (!existsSync(join(root, file))) return Promise.resolve({ code: 1, output: `${file} is missing: run npm ci\n` })
  const child = spawn(process.execPath, [join(root, file), ...args], {
    cwd: root,
    stdio: ['ignore', stdio, stdio],
    env: stdio === 'pipe' ? { ...process.env, NO_COLOR: '1' } : process.env,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text))
  const stop = (signal) => child.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop)
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      for (const each of ['SIGINT', 'SIGTERM']) process.off(each, stop)
      resolve({ code: signal ? 128 + constants.signals[signal] : code, output })
    })
  })
}

/** Builds, then goes on as a program of `test/`, with the arguments of this one. */
export async function runBuilt(program) {
  await underPinnedRuntime()
  const { code } = await run('scripts/build.mjs')
  if (code !== 0) process.exit(code)
  await endAs(spawn(process.execPath, [join(root, program), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' }))
}
