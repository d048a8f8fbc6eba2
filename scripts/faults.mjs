// The kill campaign: npm run faults -- --kills 300 --seed 1
import { runBuilt } from './run.mjs'

await runBuilt('test/dist/faults/main.js')
