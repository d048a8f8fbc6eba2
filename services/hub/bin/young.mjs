// Plain JavaScript that any Node ≥ 18 understands: it runs before the hub's own code is read.
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Room for new objects, bytes. V8 by itself takes up to 128 MiB, most of it while it reads code, and gains no speed by it. */
const youngest = 32 * 2 ** 20

const isSmall = () =>
  getHeapSpaceStatistics().some(({ space_name: name, space_size: size }) => name === 'new_space' && size < youngest)

/**
 * How large the space for new objects may become V8 hears only on the command line; by how much it grows at once it asks
 * every time. So it is grown here, by objects that stay for a moment, and kept from growing on.
 */
export function boundYoung() {
  for (const kept = []; kept.length < 1_000_000 && isSmall();) for (let at = 0; at < 10_000; at++) kept.push({ at })
  setFlagsFromString('--semi-space-growth-factor=1')
}
