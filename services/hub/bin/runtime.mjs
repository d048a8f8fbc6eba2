// Plain JavaScript that any Node ≥ 18 understands: it runs before the pinned runtime is found.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'

const oldest = [22, 22]
const packageName = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
const parentVariable = 'SHUNIU_LAUNCHED_BY'

/**
 * Resolves when this process may go on: it is the runtime pinned in the lock file, or none is installed and its own
 * Node is new enough. Otherwise the same command is run again in the right one, and this process ends as that one does.
 * `flags` are options of Node that the command needs. Exit code 64 when there is no runtime to go on with.
 */
export async function underPinnedRuntime(flags = []) {
  if (process.env[parentVariable] === String(process.ppid)) return dieWithParent()
  const here = { version: process.versions.node, file: process.execPath }
  for (const runtime of [findPinned(), isNewEnough(here.version) && here]) {
    if (!runtime) continue
    if (runtime.version === here.version && flags.every((flag) => process.execArgv.includes(flag))) return
    // Comes back only when it cannot be started, as on a Linux with another C library.
    await runAgainIn(runtime.file, flags)
  }
  process.stderr.write(explanation(here.version))
  process.exit(64)
}

/** The npm package that is Node, looked for as Node looks for packages: in `node_modules` up the tree. */
function findPinned() {
  for (let folder = dirname(fileURLToPath(import.meta.url)), last = ''; folder !== last; folder = dirname(folder)) {
    last = folder
    const root = join(folder, 'node_modules', packageName)
    if (!existsSync(join(root, 'package.json'))) continue
    const { version, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    return { version, file: join(root, bin.node) }
  }
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
}

function runAgainIn(file, flags) {
  const path = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  const env = {
    ...process.env,
    [path]: `${dirname(file)}${delimiter}${process.env[path] ?? ''}`,
    [parentVariable]: String(process.pid),
  }
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc']
  return endAs(spawn(file, [...process.execArgv, ...flags, ...process.argv.slice(1)], { stdio, env }))
}

/** Hands signals on to the child and ends as it does, 128 + n after signal n. Resolves only if it cannot be started. */
export function endAs(child) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const pass = (signal) => reachesChildAnyway(signal) || child.kill(signal)
  for (const signal of signals) process.on(signal, pass)
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code))
  return new Promise((resolve) => {
    child.on('error', () => {
      for (const signal of signals) process.off(signal, pass)
      resolve()
    })
  })
}

/** Ctrl-C in a terminal reaches the whole group: the child has it already, and twice would mean "at once". */
function reachesChildAnyway(signal) {
  return signal !== 'SIGTERM' && [0, 1, 2].some((stream) => isatty(stream))
}

/** A kill -9 of the launcher is a kill -9 of what it launched: nothing goes on running unseen. */
function dieWithParent() {
  delete process.env[parentVariable]
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.channel?.unref()
}

function explanation(version) {
  const least = oldest.join('.')
  return [
    `Shuniu cannot start: its own Node (npm package ${packageName}) is not usable here, and this one is ${version}.`,
    `Run \`npm ci\` in the project, without leaving out optional packages, or use Node ${least} or newer.`,
    `Shuniu 无法启动：自带的 Node（npm 包 ${packageName}）不可用，而当前 Node 版本为 ${version}。`,
    `请在项目目录运行 \`npm ci\`（不要跳过可选依赖），或使用 Node ${least} 及以上版本。`,
    '',
  ].join('\n')
}
