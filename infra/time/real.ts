import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import type { Clock, Random } from './clock.ts'

/** The kernel's identity of this boot; elsewhere than Linux the boot's wall time to the minute serves. */
function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return `boot-${Math.round((Date.now() - uptime() * 1000) / 60_000)}`
  }
}

/** Boot time when this process began, in ms; from there the monotonic clock goes on, also while the process is frozen. */
const bootAtZero = uptime() * 1000 - performance.now()

export const realClock: Clock = {
  now: () => Date.now(),
  uptime: () => Math.round(bootAtZero + performance.now()),
  bootId: readBootId(),
  after(ms, call) {
    const timer = setTimeout(call, Math.min(Math.max(0, ms), 2_147_483_647))
    return { cancel: () => clearTimeout(timer) }
  },
}

/** Asking the system for 4 KiB at once costs as much as asking for 16 bytes. No byte is given out twice. */
const poolSize = 4096
let pool = Buffer.alloc(0)
let given = 0

function bytes(count: number): Buffer {
  if (count > poolSize / 4) return randomBytes(count)
  if (given + count > pool.length) {
    pool = randomBytes(poolSize)
    given = 0
  }
  given += count
  return pool.subarray(given - count, given)
}

export const realRandom: Random = {
  next: () => bytes(6).readUIntBE(0, 6) / 2 ** 48,
  bytes,
}
