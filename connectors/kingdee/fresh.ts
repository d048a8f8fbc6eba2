import type { Clock } from '@shuniu/infra/time'

/** What a look-up gave, shared by all who ask within its time. */
export interface Fresh<Item> {
  /** The items of these keys; a key without an item is missing from the answer. */
  get(keys: Iterable<string>): Promise<ReadonlyMap<string, Item>>
  /** The item of one key. */
  one(key: string): Promise<Item | undefined>
  /** The item of one key if it is here; undefined when it has to be waited for. */
  known(key: string): Item | undefined
  /** The next caller reads this key anew. */
  forget(key: string): void
}

const most = 10_000

interface Kept<Item> {
  readonly until: number
  readonly item: Promise<Item | undefined>
  /** Once it has come. */
  here?: Item
}

/**
 * Remembers items for `life` ms. One read serves all callers who wait for the same key. Only items that are `good` are kept,
 * so that a record somebody has just created or repaired counts at once.
 */
export function fresh<Item>(
  clock: Clock,
  life: number,
  load: (keys: readonly string[]) => Promise<ReadonlyMap<string, Item>>,
  good: (item: Item) => boolean = () => true,
): Fresh<Item> {
  const kept = new Map<string, Kept<Item>>()

  const loadMissing = (keys: readonly string[]): void => {
    const loading = load(keys)
    for (const key of keys) {
      const item = loading.then((items) => items.get(key))
      const entry: Kept<Item> = { until: clock.uptime() + life, item }
      const forget = (): void => void (kept.get(key) === entry && kept.delete(key))
      item.then((found) => (found === undefined || !good(found) ? forget() : void (entry.here = found)), forget)
      kept.set(key, entry)
    }
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break
      kept.delete(oldest)
    }
  }
  return {
    async get(wanted) {
      const keys = [...new Set(wanted)]
      const now = clock.uptime()
      const missing = keys.filter((key) => (kept.get(key)?.until ?? -1) <= now)
      if (missing.length > 0) loadMissing(missing)
      const found = new Map<string, Item>()
      for (const key of keys) {
        const entry = kept.get(key)
        const item = entry?.here ?? (await entry?.item)
        if (item !== undefined) found.set(key, item)
      }
      return found
    },
    one(key) {
      const known = kept.get(key)
      if (known && known.until > clock.uptime()) return known.item
      loadMissing([key])
      return kept.get(key)?.item ?? Promise.resolve(undefined)
    },
    known(key) {
      const known = kept.get(key)
      return known && known.until > clock.uptime() ? known.here : undefined
    },
    forget: (key) => void kept.delete(key),
  }
}
