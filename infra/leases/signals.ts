import type { Database } from '../postgres/driver.ts'

/** What one process tells all: a row of a partition, or that leases have changed hands. */
export interface Told {
  readonly what: string
  readonly part: number
  readonly id: number
}

/** A word may be lost: whoever listens looks now and then by itself. */
export interface Signals {
  tell(told: Told): void
  close(): Promise<void>
}

/** The server takes words of 8,000 bytes. */
const mostAtOnce = 200
/** Beyond this they are dropped: whoever looks by itself finds their rows. */
const mostWaiting = 10_000

/**
 * Signals through NOTIFY, several in a word, one word under way at a time: while it is, others gather. They are sent behind the
 * commit and not in it, because commits that notify wait for each other. `heard` without anything: words may have been lost.
 */
export function openSignals(database: Database, heard: (told: readonly Told[] | undefined) => void): Signals {
  const listening = database.listen('work', (said) => heard(said === undefined ? undefined : read(said)))
  let waiting: Told[] = []
  let sending: Promise<void> | undefined
  const send = async (): Promise<void> => {
    while (waiting.length > 0) await say(waiting.splice(0, mostAtOnce))
    sending = undefined
  }
  const say = async (told: readonly Told[]): Promise<void> => {
    try {
      const session = await database.session()
      await session.send("SELECT pg_notify(left(current_schema() || '.work', 63), $1)", [write(told)])
      session.release()
    } catch {
      // Whoever listens looks by itself.
    }
  }
  return {
    tell(told) {
      if (waiting.length >= mostWaiting) waiting = []
      waiting.push(told)
      sending ??= send()
    },
    async close() {
      await sending
      await listening.close()
    },
  }
}

const write = (told: readonly Told[]): string => told.map(({ what, part, id }) => `${what}.${part}.${id}`).join(' ')

function read(said: string): Told[] {
  return said.split(' ').flatMap((one) => {
    const [what = '', part, id] = one.split('.')
    return what === '' ? [] : [{ what, part: Number(part), id: Number(id) }]
  })
}
