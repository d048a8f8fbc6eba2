// The demo's day on Kafka and PostgreSQL, in many processes: npm run demo:scale, -- --once --json, or -- --keep
import { runBuilt } from './run.mjs'

await runBuilt('test/dist/scale/demo/main.js')
