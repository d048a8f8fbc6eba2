import type { Database } from './driver.ts'

/** Tells other processes on the same tables that something is there. A ring may be lost: whoever listens looks now and then. */
export interface Bell {
  /** Soon, and once for all rings until then. */
  ring(): void
  close(): Promise<void>
}

export function openBell(database: Database, channel: string, heard: () => void): Bell {
  const listening = database.listen(channel, heard)
  let [ringing, again] = [false, false]
  const ring = async (): Promise<void> => {
    try {
      const session = await database.session()
      await session.send("SELECT pg_notify(left(current_schema() || '.' || $1, 63), '')", [channel])
      session.release()
    } catch {
      // Whoever listens looks by itself.
    }
    ringing = false
    if (again) begin()
  }
  const begin = (): void => {
    again = ringing
    if (ringing) return
    ringing = true
    void ring()
  }
  return { ring: begin, close: () => listening.close() }
}
