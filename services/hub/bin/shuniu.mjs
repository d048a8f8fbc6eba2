#!/usr/bin/env node
// Plain JavaScript that any Node ≥ 18 understands: finds the runtime, makes a missing build, hands over to the CLI.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'
import { underPinnedRuntime } from './runtime.mjs'
import { boundYoung } from './young.mjs'

await underPinnedRuntime()
const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const isCheckout = existsSync(at('../../../tsconfig.json')) && existsSync(at('../../../scripts/build.mjs'))
if (isCheckout && !existsSync(at('../dist/complete'))) build()
if (process.argv[2] === 'start') boundYoung()
module.enableCompileCache?.()
const { main } = await import('../dist/cli/main.js')
process.exitCode = await main(process.argv.slice(2))

/** The first use of a fresh checkout. What a build says goes to stderr: stdout is data. */
function build() {
  const { status } = spawnSync(process.execPath, [at('../../../scripts/build.mjs'), '--if-missing'], {
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) process.exit(status ?? 1)
}
