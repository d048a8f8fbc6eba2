import { nearest } from '@shuniu/contracts'

/** For "nearest names" in messages: the one that was most likely meant, else what there is. */
export function suggest(name: string, known: Iterable<string>): string {
  const all = [...known]
  return nearest(name, all) ?? (all.slice(0, 8).join(', ') || '—')
}
