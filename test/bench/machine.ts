import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { quantile } from './figures.ts'

/** Where the figures were measured. */
export function machine(folder: string): string {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const fsync = fsyncTimes(folder)
  const disk = `fdatasync p50 ${quantile(fsync, 0.5).toFixed(2)} ms, p99 ${quantile(fsync, 0.99).toFixed(2)} ms`
  return `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${memory} GiB, Node ${process.versions.node}, ${disk}`
}

function fsyncTimes(folder: string): number[] {
  const path = join(folder, 'fsync.tmp')
  const handle = openSync(path, 'w')
  const block = new Uint8Array(4096)
  const times = Array.from({ length: 500 }, () => {
    const before = performance.now()
    writeSync(handle, block)
    fdatasyncSync(handle)
    return performance.now() - before
  })
  closeSync(handle)
  rmSync(path)
  return times
}

/** Ticks of /proc are hundredths of a second on every Linux there is. */
const tick = 0.01

/** CPU seconds a process has used, all its threads, user and system. */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tick
}

/** The most memory a process ever held, MB. */
export function peakMemoryOf(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes ?? 0) / 1024
}
