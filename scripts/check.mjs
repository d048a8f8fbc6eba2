// Everything that is no test of behaviour, all problems at once: npm run check
import { run, tools, underPinnedRuntime } from './run.mjs'

const checks = {
  format: [tools.oxfmt, '--check', '.'],
  lint: [tools.oxlint],
  types: [tools.tsc, '-p', 'tsconfig.check.json'],
  generated: ['scripts/generate.mjs', '--check'],
  architecture: [tools.vitest, 'run', 'test/architecture', '--reporter=verbose'],
}

await underPinnedRuntime()
for (const [name, [file, ...args]] of Object.entries(checks)) {
  const start = performance.now()
  const { code, output } = await run(file, args, { stdio: 'pipe' })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  process.stdout.write(`${code === 0 ? '✓' : '✗'} ${name.padEnd(14)}${seconds.padStart(5)} s\n`)
  if (code === 0) {
    for (const [note] of output.matchAll(/^ *↳ .*\n/gm)) process.stdout.write(note)
    continue
  }
  process.stdout.write(`${output.replaceAll(/^ *✓.*\n/gm, '').trimEnd()}\n\n`)
  process.exitCode = 1
}
