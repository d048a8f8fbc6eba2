/** The call limit: `--quota N` calls, then MsgCode 14 until a person restores it. */
export interface Quota {
  readonly calls: number | undefined
  /** Counts one call; false when there are none left. */
  take(): boolean
  restore(): void
}

export function openQuota(calls: number | undefined): Quota {
  let used = 0
  return {
    calls,
    take() {
      used += 1
      return calls === undefined || used <= calls
    },
    restore() {
      used = 0
    },
  }
}
