import { readFileSync } from 'node:fs'
import type { Chance } from './chance.ts'
import type { DataFile } from './data-file.ts'
import type { Load } from './load.ts'
import { pause, until } from '../processes/pause.ts'
import { atCommit } from './strike.ts'
import type { Wire } from './wire.ts'
import type { World } from './world.ts'

/** Where the hub stood still: its row said `sending` and nothing had left, or the call had begun. */
export type Frozen = 'before the write' | 'inside the write'

/** Of so many tries to stop it before a write some succeed. */
const mostTries = 80

export interface Freezing {
  readonly world: World
  readonly dataFile: DataFile
  readonly wire: Wire
  readonly load: Load
  readonly chance: Chance
  /** For copies of the data file. */
  readonly scratch: string
}

/**
 * Stops the hub at its commits until it stands between the row of a send and its write, and keeps it so for `ms`; the hub
 * is still stopped afterwards. Undefined when it could not be caught there; then it runs.
 */
export async function freezeAtSend(freezing: Freezing, ms: number): Promise<Frozen | undefined> {
  const { world, dataFile, wire, load, chance, scratch } = freezing
  const takesBegun = chance.of(0.15)
  for (let left = mostTries; left > 0; left--) {
    if (left % 4 === 0) load.burst(1)
    const stopped = await atCommit(world.data, () => world.signalHub('SIGSTOP'), {
      within: 2_000,
      skip: chance.between(0, 12),
    })
    if (!stopped) continue
    const since = Date.now()
    await until(() => isStopped(world.hubPid) || undefined, { within: 1_000, every: 1 })
    // What had left by then arrives.
    await pause(40)
    const sent = await wire.look(dataFile.copyTo(scratch))
    const begun = takesBegun && wire.unanswered(sent, since).length > 0
    if (wire.notArrived(sent).length > 0 || begun) {
      await pause(ms)
      return wire.notArrived(sent).length > 0 ? 'before the write' : 'inside the write'
    }
    world.signalHub('SIGCONT')
    await pause(chance.between(5, 40))
  }
  return undefined
}

/** Its state in /proc: the letter behind the name in brackets. */
function isStopped(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')
}
