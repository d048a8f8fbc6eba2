// Builds, then runs every test: npm test, or npm test -- infra/json
import { readFileSync, rmSync } from 'node:fs'
import { cached, run, tools, underPinnedRuntime } from './run.mjs'

await underPinnedRuntime()
const report = cached('vitest.json')
rmSync(report, { force: true })
process.exitCode = (await run('scripts/build.mjs')).code || (await test())
const { passed, failed, skipped } = counts(process.exitCode === 0)
process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`)

async function test() {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  return (await run(tools.vitest, ['run', ...reporters, ...process.argv.slice(2)])).code
}

/** A file that cannot be loaded, or an end without a report, counts as one failure: the line never looks better than it is. */
function counts(isFine) {
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0, testResults = [] } = read()
  const unloaded = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
  const failed = numFailedTests + unloaded
  return { passed: numPassedTests, failed: isFine ? failed : Math.max(1, failed), skipped: numPendingTests + numTodoTests }
}

function read() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return {}
  }
}
