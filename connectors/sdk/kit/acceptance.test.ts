import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Mistake } from './toy/site.ts'

/** The test of the kit that must find each mistake. */
const findings: Readonly<Record<Mistake, string>> = {
  'proves from an empty answer': 'note.save empty-query: an empty answer proves nothing',
  'takes a reset for harmless': 'note.save reset-after: in doubt, and a look-up settles it',
  'takes a refusal for doubt': 'note.save refuse: certainly not executed, and never called in doubt',
  'repeats a send by itself': 'note.save reset-after: in doubt, and a look-up settles it',
  'forgets the last moment': 'note.save after its last moment nothing is written any more',
  'is blind to amounts': 'fingerprints note.save: equal exactly for equal money',
  'minds the order of lines': 'fingerprints note.save: equal exactly for equal money',
  'takes a revocation for a payment':
    'sources approval a change and a revocation say what they are, and a revocation never looks like a payment',
  'sweeps nothing and gives no reason': 'sources approval is declared whole and has a sample',
  'logs its key': 'no secret stands in anything that was thrown or logged',
  'shows its key in errors': 'failures refused: a vendor that repeats our secrets is not passed on',
  'leaves its key unmarked':
    'declaration every setting has a description and an example, and every secret is marked and never written out',
  'speaks one language': 'declaration has a name, a title and a summary',
  'promises look-ups it does not have': 'declaration note.save declares what it takes, gives and promises',
}

const whole = ['good', 'only sources', 'only operations']
const nameOf = (toy: string, test = ''): string => `toy: ${toy} connector toy ${test}`
/** The judgement about secrets needs something to judge. */
const said = nameOf('logs its key', 'check and discover')

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** Runs the kit on the toys in a run of its own: status by full name. */
async function runToys(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'shuniu-kit-'))
  const report = join(folder, 'report.json')
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  const config = join(import.meta.dirname, 'toy', 'vitest.config.ts')
  // Titles are joined by a blank or by ` > `, as the version of vitest has it.
  const pattern = names.map((name) => name.replace(/[.*+?()[\]{}|^$\\]/g, '\\$&').replaceAll(' ', '( > | )')).join('|')
  const args = [vitest, 'run', '--config', config, '--reporter=json', `--outputFile=${report}`, '-t', pattern]
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')))
  await new Promise((resolve) => execFile(process.execPath, args, { env, maxBuffer: 1e8 }, resolve))
  const { testResults } = JSON.parse(await readFile(report, 'utf8')) as Report
  await rm(folder, { recursive: true })
  return new Map(testResults.flatMap((file) => file.assertionResults).map((test) => [test.fullName, test.status]))
}

describe('the acceptance kit', () => {
  let status: ReadonlyMap<string, string>
  beforeAll(async () => {
    const mistakes = Object.entries(findings).map(([mistake, test]) => nameOf(mistake, test))
    status = await runToys([...whole.map((toy) => nameOf(toy)), ...mistakes, said])
  }, 90_000)

  it.each(whole)('a connector without a mistake passes, and nothing is skipped: %s', (toy) => {
    const own = [...status].filter(([name]) => name.startsWith(nameOf(toy)))
    expect(own.filter(([, one]) => one === 'passed').length).toBeGreaterThan(10)
    expect(own.filter(([, one]) => one !== 'passed')).toEqual([])
  })

  it.each(Object.entries(findings))('a connector that %s is found out', (mistake, test) => {
    expect(status.get(nameOf(mistake, test))).toBe('failed')
  })
})
