import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { figure, tableOf, type Figure } from './figures.ts'
import { growth } from './growth.ts'
import { House } from './house.ts'
import { idle } from './idle.ts'
import { ingest } from './ingest.ts'
import { machine } from './machine.ts'
import { map } from './map.ts'
import { post } from './post.ts'

const usage = `npm run bench -- [--rounds 3] [--only ingest,map,idle,growth,post] [--quick] [--folder DIR] [--profile DIR] [--json]

Measures the hub against a program written by hand that makes the same calls and stores nothing.
--rounds N    of each side, one after the other
--only LIST   some of the parts
--quick       a tenth of everything: to see that it runs, not to quote
--folder DIR  where data goes; default: the system's folder for temporary files
--profile DIR CPU profiles of the hubs go there; their figures are slower
--json        figures as data
`

// Post is the last: it leaves vouchers in Kingdee's book, and a new hub would find that it is not the first to send there.
const parts = ['ingest', 'map', 'idle', 'growth', 'post'] as const
type Part = (typeof parts)[number]

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const flags = read(args)
  if (!flags) {
    process.stderr.write(usage)
    return 64
  }
  const folder = mkdtempSync(join(flags.folder, 'shuniu-bench-'))
  say(machine(folder))
  const house = await House.open(folder, flags.profile)
  try {
    const figures = await measure(house, flags)
    process.stdout.write(`${flags.json ? JSON.stringify(figures) : `${machine(folder)}\n\n${tableOf(figures)}`}\n`)
    return figures.every(({ ok }) => ok) ? 0 : 1
  } finally {
    await house.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Flags {
  readonly rounds: number
  readonly only: readonly Part[]
  /** Divides every number of approvals. */
  readonly part: number
}

async function measure(house: House, { rounds, only, part }: Flags): Promise<Figure[]> {
  const sized = (count: number): { rounds: number; count: number } => ({ rounds, count: Math.ceil(count / part) })
  const figures: Figure[] = []
  const memory: number[] = []
  const loop: number[] = []
  const take = (measured: { figures: Figure[]; memory?: number[]; loop?: number[] }): void => {
    figures.push(...measured.figures)
    memory.push(...(measured.memory ?? []))
    loop.push(...(measured.loop ?? []))
  }
  const ledger = { small: Math.ceil(10_000 / part), large: Math.ceil(1_000_000 / part) }
  const work: Record<Part, () => Promise<void>> = {
    ingest: async () => take(await ingest(house, sized(20_000))),
    post: async () => take(await post(house, sized(10_000))),
    map: async () => take({ figures: await map(house, sized(50_000)) }),
    growth: async () => take(await growth(house, { ...sized(5_000), ...ledger }, say)),
    idle: async () => take(await idle(house, sized(300))),
  }
  for (const one of only) {
    say(`${one} …`)
    await work[one]()
  }
  if (memory.length > 0) figures.push(figure('memory of the hub, peak', 'MB', { atMost: 300 }, memory))
  if (loop.length > 0) figures.push(figure('event loop, p99', 'ms', { atMost: 20 }, loop))
  return figures
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

function read(args: string[]): (Flags & { folder: string; json: boolean; profile: string | undefined }) | undefined {
  try {
    const text = { type: 'string' } as const
    const flag = { type: 'boolean', default: false } as const
    const { values } = parseArgs({
      args,
      options: { rounds: text, only: text, folder: text, profile: text, quick: flag, json: flag },
    })
    const rounds = Number(values.rounds ?? 3)
    const asked = values.only?.split(',') ?? parts
    const only = parts.filter((one) => asked.includes(one))
    if (!Number.isSafeInteger(rounds) || rounds < 1 || only.length !== asked.length) return undefined
    return {
      rounds,
      only,
      part: values.quick ? 10 : 1,
      folder: values.folder ?? tmpdir(),
      profile: values.profile,
      json: values.json,
    }
  } catch {
    return undefined
  }
}
