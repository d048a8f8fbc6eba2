/** What was asked, as `GET /_sim/requests` shows it. Instants are milliseconds since 1970. */
export interface RequestRecord {
  /** Counts up from 1; the position for `?after=`. */
  readonly n: number
  readonly method: string
  readonly path: string
  readonly query: string
  readonly operation: string
  /** Arrival of the head, as text. */
  readonly at: string
  readonly arrivedMs: number
  /** Arrival of the last byte of the body. */
  readonly receivedMs?: number
  answeredMs?: number
  status?: number
  readonly fault?: string
  readonly body: string
}

/** The last requests (a bounded ring) and how many there were of each operation since the start. */
export interface RequestLog {
  /** The record stays open: whoever adds it sets `answeredMs` and `status` when it is answered. */
  add(record: Omit<RequestRecord, 'n' | 'at'>): RequestRecord
  /** Those after position `after`, oldest first, as far as they are still held. */
  after(position: number): RequestRecord[]
  readonly counts: Readonly<Record<string, number>>
  readonly last: number
}

const BODY_CHARACTERS = 16_384

/** An empty log that holds the last `size` requests. */
export function requestLog(size = 5000): RequestLog {
  const ring: RequestRecord[] = []
  const counts: Record<string, number> = {}
  let last = 0
  return {
    add(record) {
      counts[record.operation] = (counts[record.operation] ?? 0) + 1
      last += 1
      const body = record.body.length > BODY_CHARACTERS ? `${record.body.slice(0, BODY_CHARACTERS)}…` : record.body
      const kept = { n: last, at: new Date(record.arrivedMs).toISOString(), ...record, body }
      ring[(last - 1) % size] = kept
      return kept
    },
    after(position) {
      const first = Math.max(position, last - size)
      return Array.from({ length: Math.max(0, last - first) }, (_, offset) => ring[(first + offset) % size]).filter(
        (record) => record !== undefined,
      )
    },
    counts,
    get last() {
      return last
    },
  }
}
