import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../processes/root.ts'
import { runCampaign } from './campaign.ts'
import { runMutants } from './mutants.ts'
import { findingsOf, isClean, tableOf } from './report.ts'

const usage = `npm run faults -- [--kills 300] [--seed N] [--rate 2] [--keep] [--json] [--mutants]

Kills, freezes and starves a hub that posts vouchers, then compares the books of both systems.
--kills N     kills of the hub; quotas are given for 300 and scale with it
--seed N      all decisions follow from it; default: drawn, and printed
--rate N      approvals a second
--mutants     breaks the ledger in ways that must be found, each in a copy of this checkout, by 30 kills
--keep        keeps data and logs
--json        figures as data
`

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const flags = read(args)
  if (!flags) {
    process.stderr.write(usage)
    return 64
  }
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-faults-'))
  const options = {
    product: root,
    folder,
    kills: flags.kills,
    seed: flags.seed,
    rate: flags.rate,
    patience: 120_000,
    say,
  }
  try {
    return flags.mutants
      ? await tryMutants({ ...options, patience: 60_000 }, flags.json)
      : await tryHub(options, flags.json)
  } finally {
    if (flags.keep) say(`kept: ${folder}`)
    else rmSync(folder, { recursive: true, force: true })
  }
}

async function tryHub(options: Parameters<typeof runCampaign>[0], json: boolean): Promise<number> {
  const outcome = await runCampaign(options)
  process.stdout.write(`${json ? JSON.stringify(outcome) : tableOf(outcome)}\n`)
  for (const finding of findingsOf(outcome)) options.say(`✗ ${finding}`)
  const fine = isClean(outcome) && outcome.verdict.missed.length === 0
  options.say(fine ? '✓ books equal, nothing lost, nothing doubled' : '✗ not clean')
  return fine ? 0 : 1
}

async function tryMutants(options: Parameters<typeof runCampaign>[0], json: boolean): Promise<number> {
  const results = await runMutants(options)
  const lines = results.map(({ name, found, by }) => `${found ? '✓' : '✗'} ${name.padEnd(44)} ${by}`)
  process.stdout.write(`${json ? JSON.stringify(results) : lines.join('\n')}\n`)
  return results.every(({ found }) => found) ? 0 : 1
}

function read(args: string[]) {
  try {
    const text = { type: 'string' } as const
    const flag = { type: 'boolean', default: false } as const
    const { values } = parseArgs({
      args,
      options: { kills: text, seed: text, rate: text, keep: flag, json: flag, mutants: flag },
    })
    const kills = Number(values.kills ?? (values.mutants ? 30 : 300))
    const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))
    const rate = Number(values.rate ?? 2)
    const isFine = [kills, seed].every(Number.isSafeInteger) && kills > 0 && rate > 0
    return isFine ? { kills, seed, rate, keep: values.keep, json: values.json, mutants: values.mutants } : undefined
  } catch {
    return undefined
  }
}
