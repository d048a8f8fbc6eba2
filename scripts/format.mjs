// Lays out the code: npm run format, or npm run format -- infra/json
import { run, tools, underPinnedRuntime } from './run.mjs'

await underPinnedRuntime()
process.exitCode = (await run(tools.oxfmt, process.argv.slice(2))).code
