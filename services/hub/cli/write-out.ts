import { appendFile, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { HubError } from '@shuniu/contracts'
import { writeAtomically } from '@shuniu/infra/config'

/** Writes a file a person asked for, new or in place of an old one, its folder included. Throws `cli.not-written`. */
export async function writeOut(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    // What is replaced has to be there.
    await appendFile(path, '')
    await writeAtomically(path, text)
  } catch (cause) {
    const because = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new HubError('cli.not-written', { file: path, because }, { cause })
  }
}
