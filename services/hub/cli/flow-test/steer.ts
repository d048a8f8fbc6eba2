import { HubError, isRecord } from '@shuniu/contracts'
import { placeOf, type CallTarget } from '@shuniu/infra/config'
import type { RunningSimulator } from '@shuniu/sdk/simulator'
import type { TestCase } from './format.ts'
import type { Stage } from './stage.ts'

/** A late execution lands so long after the call (ms), which is after the caller has given up. */
const lateMs = 1_500
const slowMs = 300
/** Until what was executed late can be seen, ms. */
const landing = 500

/**
 * Does what the case says was done in the systems, and puts its faults on their calls. Gives for how long (real ms) the
 * clock must not jump: what a simulator executes late is late by the real clock.
 */
export async function steer(one: TestCase, calls: ReadonlyMap<string, CallTarget>, stage: Stage): Promise<number> {
  for (const { on, act, with: input } of one.before ?? []) {
    await control(simulatorNamed(stage, on, one), `acts/${act}`, input, { simulator: on, what: act, one })
  }
  const waits = [0]
  for (const [what, written] of Object.entries(one.faults ?? {})) {
    const rule = typeof written === 'string' ? { fault: written } : written
    const { connection, operation } = targetOf(what, calls)
    const ms = rule.ms ?? (rule.fault === 'late' ? lateMs : rule.fault === 'slow' ? slowMs : undefined)
    const sent = { times: 1, ...rule, ...(ms === undefined ? {} : { ms }), on: operation }
    const { name, running } = simulatorOf(stage, connection, one)
    await control(running, 'faults', sent, { simulator: name, what, one })
    if (rule.fault === 'late') waits.push((ms ?? lateMs) + landing)
  }
  return Math.max(...waits)
}

/** A step of the flow, or `connection/operation`. */
function targetOf(what: string, calls: ReadonlyMap<string, CallTarget>): CallTarget {
  const [connection = '', operation = ''] = what.split('/')
  return calls.get(what) ?? { connection, operation }
}

function simulatorNamed({ simulators }: Stage, name: string, { node }: TestCase): RunningSimulator {
  const found = simulators.get(name)
  if (found) return found
  throw new HubError(
    'cli.unknown-simulator',
    { simulator: name, known: [...simulators.keys()].join(', ') },
    { place: placeOf(node) },
  )
}

/** The simulator behind a connection of the project. */
function simulatorOf(stage: Stage, connection: string, one: TestCase): { name: string; running: RunningSimulator } {
  const opened = stage.connections.get(connection)
  const [address = ''] = opened ? opened.definition.addresses(opened.settings) : []
  for (const [name, running] of stage.simulators) {
    if (URL.canParse(address) && new URL(address).origin === running.url) return { name, running }
  }
  throw new HubError('test.not-simulated', { connection }, { place: placeOf(one.node) })
}

interface Asked {
  readonly simulator: string
  readonly what: string
  readonly one: TestCase
}

async function control(
  { url }: RunningSimulator,
  path: string,
  input: object,
  { simulator, what, one }: Asked,
): Promise<void> {
  const answer = await fetch(`${url}/_sim/${path}`, { method: 'POST', body: JSON.stringify(input) })
  if (answer.ok) return
  const said: unknown = await answer.json().catch(() => undefined)
  const because = isRecord(said) ? String(said['error']) : String(answer.status)
  throw new HubError('test.refused', { simulator, what, because }, { place: placeOf(one.node) })
}
