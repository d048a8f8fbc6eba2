import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

const notOurs = /^(\.|(node_modules|dist|coverage)$)/

/** Every text file of the repository, by its path from the root, without what git ignores. */
export function readTexts(): Map<string, string> {
  const paths = [...filesIn('.'), ...filesIn('.ci'), ...rootDotFiles()]
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]))
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (notOurs.test(entry.name) || path === 'data') return []
    if (entry.isDirectory()) return filesIn(path)
    return entry.isFile() ? [path] : []
  })
}

function rootDotFiles(): string[] {
  return readdirSync(root).filter((name) => /^\.(npmrc|editorconfig|git(ignore|attributes)|ox\w+rc\.json)$/.test(name))
}
