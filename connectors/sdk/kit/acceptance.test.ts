import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Mistake } from './toy/connector.ts'

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
    }[]
  }[]
}

/** Runs the kit on the toys in a run of its own, and gives the names of the tests that failed, by toy. */
async function runToys(): Promise<ReadonlyMap<string, readonly string[]>> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  const config = join(import.meta.dirname, 'toy', 'vitest.config.ts')
  const out = await new Promise<string>((resolve, reject) => {
    const env = { ...process.env, VITEST: '', VITEST_POOL_ID: '', VITEST_WORKER_ID: '' }
    execFile(process.execPath, [vitest, 'run', '--config', config], { env, maxBuffer: 1e8 }, (error, stdout) =>
      stdout === '' ? reject(error ?? new Error('the run said nothing')) : resolve(stdout),
    )
  })
  const { testResults } = JSON.parse(out.slice(out.indexOf('{'))) as Report
  const results = testResults.flatMap((file) => file.assertionResults)
  const byToy = Map.groupBy(results, ({ ancestorTitles }) => ancestorTitles[0] ?? '')
  return new Map(
    [...byToy].map(([toy, tests]) => [
      toy.replace('toy: ', ''),
      tests
        .filter((test) => test.status === 'failed')
        .map((test) => [...test.ancestorTitles.slice(2), test.title].join(' › ')),
    ]),
  )
}

describe('the acceptance kit', () => {
  let failed: ReadonlyMap<string, readonly string[]>
  beforeAll(async () => {
    failed = await runToys()
  }, 90_000)

  it.each(['good', 'only sources', 'only operations'])('a toy without a mistake passes: %s', (toy) => {
    expect(failed.get(toy)).toEqual([])
  })

  const findings: Readonly<Record<Mistake, string>> = {
    'proves from an empty answer': 'note.save › empty-query: an empty answer proves nothing',
    'takes a reset for harmless': 'note.save › reset-after: in doubt, and a look-up settles it',
    'takes a refusal for doubt': 'note.save › refuse: certainly not executed, and never called in doubt',
    'repeats a send by itself': 'note.save › reset-after: in doubt, and a look-up settles it',
    'forgets the last moment': 'note.save › after its last moment nothing is written any more',
    'is blind to amounts': 'fingerprints › note.save: equal exactly for equal money',
    'minds the order of lines': 'fingerprints › note.save: equal exactly for equal money',
    'takes a revocation for a payment':
      'sources › approval › a change and a revocation say what they are, and a revocation never looks like a payment',
    'sweeps nothing and gives no reason': 'sources › approval is declared whole and has a sample',
    'logs its key': 'no secret stands in anything that was thrown or logged',
    'shows its key in errors': 'failures › refused: a vendor that repeats our secrets is not passed on',
    'leaves its key unmarked': 'a connector with settings that look secret',
    'speaks one language': 'declaration › has a name, a title and a summary',
    'promises look-ups it does not have': 'declaration › note.save declares what it takes, gives and promises',
  }
  it.each(Object.entries(findings))('a connector that %s is found out', (mistake, test) => {
    expect(failed.get(mistake)).toContain(test)
  })
})
