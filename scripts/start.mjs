// Builds what changed, then plays the demo: npm start, or npm start -- --once
import { join } from 'node:path'
import { root, run, underPinnedRuntime } from './run.mjs'

await underPinnedRuntime()
const { code } = await run('scripts/build.mjs')
if (code !== 0) process.exit(code)
process.argv.splice(1, 1, join(root, 'services/hub/bin/shuniu.mjs'), 'demo')
await import('../services/hub/bin/shuniu.mjs')
