import { closeSync, openSync, rmSync, statSync } from 'node:fs'
import { HubError } from '@shuniu/contracts'
import type { Ground } from '@shuniu/infra/ground'

/**
 * Writes a consistent copy into a new file that only its owner reads. Throws `backup.exists` when there is one already,
 * `backup.not-written` when none can be written (nothing is left of a copy that failed), `backup.not-here` where a database has its
 * own means.
 */
export async function backUp({ backup }: Pick<Ground, 'backup'>, file: string): Promise<{ readonly bytes: number }> {
  if (!backup) throw new HubError('backup.not-here')
  claim(file)
  try {
    await backup(file)
    return { bytes: statSync(file).size }
  } catch (cause) {
    rmSync(file, { force: true })
    throw notWritten(file, cause)
  }
}

/** Makes the empty file, so that nobody else's is ever written over. */
function claim(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (cause) {
    throw codeOf(cause) === 'EEXIST' ? new HubError('backup.exists', { file }, { cause }) : notWritten(file, cause)
  }
}

function notWritten(file: string, cause: unknown): HubError {
  return new HubError('backup.not-written', { file, because: codeOf(cause) }, { cause })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
