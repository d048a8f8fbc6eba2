// Builds, then runs every test: npm test, or npm test -- infra/json
import { readFileSync, rmSync } from 'node:fs'
import { cached, run, tools, underPinnedRuntime } from './run.mjs'

await underPinnedRuntime()
const report = cached('vitest.json')
rmSync(report, { force: true })
process.exitCode = (await run('scripts/build.mjs')).code || (await test())
process.stdout.write(closingLine(process.exitCode === 0))

async function test() {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  return (await run(tools.vitest, ['run', ...reporters, ...process.argv.slice(2)])).code
}

/** A file that cannot be loaded, or an end without a report, is a failure: the line never looks better than it is. */
function closingLine(isFine) {
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0, testResults = [] } = read()
  const unloaded = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
  const failed = Math.max(numFailedTests + unloaded, isFine ? 0 : 1)
  return `\n${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped\n`
}

function read() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return {}
  }
}
