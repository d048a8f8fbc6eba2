// The figures, next to the bare program's: npm run bench -- --json
import { runBuilt } from './run.mjs'

await runBuilt('test/dist/bench/main.js')
