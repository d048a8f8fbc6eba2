import { watch } from 'node:fs'

/**
 * Calls `strike` at the moment the hub writes to its log, before the disk has answered: what it was about to do after
 * that commit is not done yet. False when no such moment came in time.
 */
export function atCommit(
  folder: string,
  strike: () => void,
  { within, skip = 0 }: { within: number; skip?: number },
): Promise<boolean> {
  let left = skip
  return new Promise((resolve) => {
    const end = (struck: boolean): void => {
      watcher.close()
      clearTimeout(late)
      resolve(struck)
    }
    const late = setTimeout(() => end(false), within)
    const watcher = watch(folder, (_, name) => {
      if (name !== 'shuniu.db-wal' || left-- > 0) return
      strike()
      end(true)
    })
  })
}
