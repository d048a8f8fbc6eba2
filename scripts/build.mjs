// Compiles every package into its dist, as far as something changed: npm run build
// With --if-missing (the launcher's first use) nothing happens where a build is complete.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cached, root, run, tools, underPinnedRuntime } from './run.mjs'

await underPinnedRuntime()
const complete = join(root, 'services/hub/dist/complete')
const release = await takeTurn()
process.exitCode = process.argv.includes('--if-missing') && existsSync(complete) ? 0 : await build()
release()

async function build() {
  if (!existsSync(complete)) process.stderr.write('Building Shuniu, once … 首次使用，正在构建……\n')
  rmSync(complete, { force: true })
  const { references } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'))
  for (const { path } of references) removeStale(path)
  const { code, output } = await run(tools.tsc, ['-b'], { stdio: 'pipe' })
  process.stderr.write(output)
  if (code !== 0) return code
  copyAssets('contracts', '.avsc')
  writeFileSync(complete, '')
  return 0
}

/** One build at a time, however many commands begin at once. The kernel frees the lock of a process that dies. */
async function takeTurn() {
  process.removeAllListeners('warning') // node:sqlite calls itself experimental on stderr
  const { DatabaseSync } = await import('node:sqlite')
  const lock = new DatabaseSync(cached('build.lock'))
  lock.exec('PRAGMA busy_timeout = 600000; BEGIN EXCLUSIVE')
  return () => lock.close()
}

/** What was made of a source that is gone, or of one that is no longer built. */
function removeStale(project) {
  for (const file of filesIn(join(root, project, 'dist'))) {
    const source = file.replace(/\.(js|d\.ts)(\.map)?$/, '.ts')
    const isMade = source !== file || /\.(json|avsc)$/.test(file)
    const isBuilt = existsSync(join(root, project, source)) && !source.endsWith('.test.ts')
    if (isMade && !isBuilt) rmSync(join(root, project, 'dist', file))
  }
}

/** Files beside the code that are read while it runs and that the compiler does not carry over. */
function copyAssets(project, ending) {
  const isAsset = (file) => file.endsWith(ending) && !/^(dist|node_modules)[/\\]/.test(file)
  for (const file of filesIn(join(root, project)).filter(isAsset)) {
    const copy = join(root, project, 'dist', file)
    mkdirSync(dirname(copy), { recursive: true })
    copyFileSync(join(root, project, file), copy)
  }
}

function filesIn(folder) {
  return existsSync(folder) ? readdirSync(folder, { recursive: true }) : []
}
