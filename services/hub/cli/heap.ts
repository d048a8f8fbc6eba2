import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/**
 * What does not live is thrown away when the heap has grown by this part, in percent: V8 by itself would let it become
 * several times what lives before it looks (measured: 510 MB instead of 360).
 */
const heapGrowth = 50

/** Room for new objects, bytes. V8 by itself takes up to 128 MiB for them and gains no speed by it. */
const youngest = 32 * 2 ** 20

/**
 * Keeps the heap of this process small. How large the space for new objects may become V8 hears only on the command line;
 * whether it grows at all it asks every time.
 */
export function boundHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${heapGrowth}`)
  // Threads that help with new objects have to get a processor first, and everything waits for them: on two processors
  // that was a fifth of a busy hub's CPU.
  setFlagsFromString('--no-parallel-scavenge')
  let grows = true
  new PerformanceObserver(() => {
    const before = grows
    grows = sizeOf('new_space') < youngest
    if (grows !== before) setFlagsFromString(`--semi-space-growth-factor=${grows ? 2 : 1}`)
  }).observe({ entryTypes: ['gc'] })
}

function sizeOf(space: string): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === space)?.space_size ?? 0
}
