import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/**
 * What does not live is thrown away when the heap has grown by this part, in percent: V8 by itself would let it become
 * several times what lives before it looks (measured: 510 MB instead of 360).
 */
const heapGrowth = 50

/**
 * Keeps the heap of this process small. The space for new objects stays as large as the launcher made it (`bin/young.mjs`):
 * it shrinks when little happens, and only then it may grow again.
 */
export function boundHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${heapGrowth}`)
  // Threads that help with new objects have to get a processor first, and everything waits for them: on two processors
  // that was a fifth of a busy hub's CPU.
  setFlagsFromString('--no-parallel-scavenge')
  const most = youngNow()
  let factor = 0
  new PerformanceObserver(() => {
    const wanted = youngNow() < most ? 2 : 1
    if (wanted !== factor) setFlagsFromString(`--semi-space-growth-factor=${(factor = wanted)}`)
  }).observe({ entryTypes: ['gc'] })
}

/** Size of the space for new objects, bytes. */
function youngNow(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0
}
