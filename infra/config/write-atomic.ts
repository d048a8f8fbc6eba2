import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { reasonOf } from './text-file.ts'

/**
 * Replaces a file so that at every moment, a crash included, either the old or the new text is there in full: written beside
 * it, flushed, renamed, and the folder flushed. A link stays a link: what it points to is replaced.
 */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const { target, mode } = await existing(path)
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`)
  try {
    await writeFlushed(beside, text, mode)
    await rename(beside, target)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  await flushFolder(dirname(target))
}

/** What is replaced, and its mode; a file that is not there yet is made where the path says. */
async function existing(path: string): Promise<{ target: string; mode: number }> {
  try {
    const target = await realpath(path)
    return { target, mode: (await stat(target)).mode }
  } catch (error) {
    if (reasonOf(error) !== 'ENOENT') throw error
    return { target: path, mode: 0o644 }
  }
}

async function writeFlushed(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'w', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes the rename itself durable. Windows cannot open folders; its file system orders this by itself. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
