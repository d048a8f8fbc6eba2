import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { runCampaign, type CampaignOptions } from './campaign.ts'
import { mutants, patched, type Mutant } from './patches.ts'
import { findingsOf, isClean } from './report.ts'

export interface Tried {
  readonly name: string
  /** For the unchanged copy: true when nothing was found. */
  readonly found: boolean
  /** The first thing that gave it away. */
  readonly by: string
  readonly seconds: number
}

/** Not a mutant: shows that what is found is not found in the copy itself. */
const unchanged: Mutant = { name: 'unchanged', patches: [] }

/** Runs the campaign against each mutant, in a copy of the checkout. */
export async function runMutants(options: CampaignOptions): Promise<Tried[]> {
  const tried: Tried[] = []
  for (const mutant of [unchanged, ...mutants]) {
    options.say(`— ${mutant.name}`)
    const one = await tryMutant(mutant, options)
    options.say(`— ${mutant.name}: ${one.found ? 'as it must be' : 'NOT FOUND'} (${one.by})`)
    tried.push(one)
  }
  return tried
}

async function tryMutant(mutant: Mutant, options: CampaignOptions): Promise<Tried> {
  const copy = join(options.folder, 'checkout')
  const folder = join(options.folder, 'run')
  for (const each of [copy, folder]) rmSync(each, { recursive: true, force: true })
  copyCheckout(options.product, copy)
  for (const patch of mutant.patches) {
    const file = join(copy, patch.file)
    writeFileSync(file, patched(readFileSync(file, 'utf8'), patch))
  }
  execFileSync(process.execPath, [join(copy, 'scripts/build.mjs')], {
    cwd: copy,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const outcome = await runCampaign({ ...options, product: copy, folder })
  const clean = isClean(outcome)
  const by = (clean ? undefined : findingsOf(outcome)[0]) ?? 'nothing found'
  return { name: mutant.name, found: clean === (mutant === unchanged), by, seconds: outcome.seconds }
}

/** Everything but what belongs to the machine; packages of others are linked, our own are the copy's. */
function copyCheckout(from: string, to: string): void {
  const left = new Set(['node_modules', '.git'])
  cpSync(from, to, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    filter: (path) => !left.has(basename(path)),
  })
  const [modules, own] = [join(from, 'node_modules'), join(to, 'node_modules')]
  mkdirSync(join(own, '@shuniu'), { recursive: true })
  for (const name of readdirSync(modules).filter((one) => one !== '@shuniu' && one !== '.cache'))
    symlinkSync(join(modules, name), join(own, name))
  for (const name of readdirSync(join(modules, '@shuniu')))
    symlinkSync(readlinkSync(join(modules, '@shuniu', name)), join(own, '@shuniu', name))
}
