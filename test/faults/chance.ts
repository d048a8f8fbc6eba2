import { seededRandom } from '@shuniu/infra/time'

/** Decisions drawn from the campaign's seed. Each purpose draws from a stream of its own, so that none disturbs another. */
export interface Chance {
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number
  /** True in so many of 1 cases. */
  of(share: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** A new stream, named by its purpose. */
  fork(purpose: string): Chance
}

export function chance(seed: number): Chance {
  const random = seededRandom(seed)
  const between = (least: number, most: number): number => least + Math.floor(random.next() * (most - least + 1))
  return {
    between,
    of: (share) => random.next() < share,
    pick(items) {
      const item = items[between(0, items.length - 1)]
      if (item === undefined) throw new RangeError('there is nothing to pick from')
      return item
    },
    fork: (purpose) => chance(mixed(seed, purpose)),
  }
}

/** FNV-1a over the purpose, begun with the seed. */
function mixed(seed: number, purpose: string): number {
  let state = (seed ^ 0x811c9dc5) >>> 0
  for (const character of purpose) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return state
}
