import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator, type BookEntry, type Fault, type SimulatorDefinition } from '../simulator/index.ts'

/** A simulator of its own, steered through its control interface as the demo and the campaigns do. */
export interface Stand {
  readonly url: string
  /** Does what a person does there. */
  act(name: string, input?: object): Promise<unknown>
  /** Puts a fault on the next call of this name. */
  fault(on: string, fault: Fault, ms?: number): Promise<void>
  /** Removes all faults; how often they fired. */
  endFaults(): Promise<number>
  book(): Promise<readonly BookEntry[]>
  /** How many calls of each name arrived. */
  counts(): Promise<Readonly<Record<string, number>>>
  close(): Promise<void>
}

export async function openStand(
  definition: SimulatorDefinition,
  options: Readonly<Record<string, string>>,
): Promise<Stand> {
  const data = await mkdtemp(join(tmpdir(), `shuniu-kit-${definition.name}-`))
  const running = await startSimulator(definition, { data, options })
  const ask = async (method: string, path: string, input?: object): Promise<unknown> => {
    const body = input === undefined ? {} : { body: JSON.stringify(input) }
    const answer = await fetch(`${running.url}/_sim${path}`, { method, ...body })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${text}`)
    return JSON.parse(text)
  }
  return {
    url: running.url,
    act: (name, input = {}) => ask('POST', `/acts/${name}`, input),
    async fault(on, fault, ms) {
      await ask('POST', '/faults', { on, fault, times: 1, ...(ms === undefined ? {} : { ms }) })
    },
    async endFaults() {
      const rules = await ask('GET', '/faults')
      await ask('DELETE', '/faults')
      return numbersIn(rules, 'fired').reduce((sum, fired) => sum + fired, 0)
    },
    book: async () => running.book.list(),
    async counts() {
      const { counts }: { counts?: Record<string, number> } = Object(await ask('GET', '/requests'))
      return counts ?? {}
    },
    async close() {
      await running.close()
      await rm(data, { recursive: true, force: true })
    },
  }
}

function numbersIn(rows: unknown, name: string): number[] {
  return (Array.isArray(rows) ? rows : []).map((row: unknown) => Number(Object(row)[name] ?? 0))
}
