// Writes what is derived from declarations: npm run generate. With --check nothing is written: what is stale is named.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { connectorPage } from './connector-page.mjs'
import { operatedFiles } from './operated.mjs'
import { referencePages } from './reference.mjs'
import { fromSource, root, underPinnedRuntime } from './run.mjs'

await underPinnedRuntime(fromSource)
const { generate } = await import('../contracts/generate.ts')
const { generateSchemas } = await import('../infra/config/editor-schemas.ts')

const { generateTestSchema } = await import('../services/hub/cli/flow-test/editor-schema.ts')

const schemas = generateSchemas()
const files = [
  ...generate(join(root, 'contracts/events')),
  ...schemas,
  generateTestSchema(),
  ...(await connectorPages()),
  ...(await reference()),
  ...operatedFiles(),
]
const stale = files.filter(([path, text]) => read(path) !== text)
if (process.argv.includes('--check')) report()
else write()

/** The page of each connector: its README with the part in it that its declaration says. */
function connectorPages() {
  const names = readdirSync(join(root, 'connectors')).filter((name) =>
    existsSync(join(root, 'connectors', name, 'connector.ts')),
  )
  return Promise.all(
    names
      .filter((name) => name !== 'sdk')
      .map(async (name) => {
        const { default: connector } = await import(`../connectors/${name}/connector.ts`)
        const page = `connectors/${name}/README.md`
        return [page, connectorPage(connector, read(page) ?? `# ${connector.title.en} ${connector.title.zh}\n`)]
      }),
  )
}

/** The parts of docs/ that are made of tables in the code. */
async function reference() {
  const { catalogue } = await import('../contracts/catalogue.ts')
  const { optionTable } = await import('../infra/config/options.ts')
  const { metricTable } = await import('../infra/telemetry/metric-table.ts')
  const { nextForRuns } = await import('../services/console/words.ts')
  const declared = { schemas, catalogue, options: optionTable, metrics: metricTable, parks: nextForRuns }
  return referencePages(declared, read)
}

function read(path) {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined
}

function report() {
  for (const [path] of stale) process.stderr.write(`${path} is stale: npm run generate\n`)
  process.exitCode = stale.length === 0 ? 0 : 1
}

function write() {
  for (const [path, text] of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    process.stdout.write(`${path}\n`)
  }
}
