import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A block of code on a page; `test` is what the comment before it says (`<!-- test: steps -->`). */
export interface Block {
  readonly language: string
  readonly test: string | undefined
  readonly text: string
  readonly line: number
}

export interface Page {
  /** Path in the repository. */
  readonly path: string
  readonly text: string
  readonly blocks: readonly Block[]
}

const chinese = '.zh-CN.md'

/** The pages that people read first and the guides in `docs/`, in both languages. */
export function readPages(): Page[] {
  const guides = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  const paths = ['README.md', 'README.zh-CN.md', 'ARCHITECTURE.md', ...guides.map((name) => `docs/${name}`)]
  return paths.map((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    return { path, text, blocks: blocksOf(text) }
  })
}

/** Pages that exist in both languages: English, Chinese. */
export function pairs(pages: readonly Page[]): [Page, Page][] {
  return pages.flatMap((page): [Page, Page][] => {
    const other = pages.find(({ path }) => path === page.path.replace(/\.md$/, chinese))
    return other && other !== page ? [[page, other]] : []
  })
}

const opening = /^( *)```(\w*)$/

function blocksOf(text: string): Block[] {
  const lines = text.split('\n')
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; at++) {
    const [, , language] = opening.exec(lines[at] ?? '') ?? []
    if (language === undefined) continue
    const end = lines.indexOf('```', at + 1)
    const test = /^<!-- test: (.+) -->$/.exec(lines[at - 1] ?? '')?.[1]
    blocks.push({ language, test, text: lines.slice(at + 1, end).join('\n'), line: at + 1 })
    at = end
  }
  return blocks
}

/** Levels of the headings, without those in blocks and in generated parts. */
export function outline({ text }: Page): string[] {
  const written = text
    .replaceAll(/<!-- generated: .*? -->[\s\S]*?<!-- end -->/g, '')
    .replaceAll(/^```[\s\S]*?^```/gm, '')
  return [...written.matchAll(/^(#+) /gm)].map(([, level = '']) => level)
}

/** Commands of a shell block, one a line: without comments, redirections and variables. */
export function commandsIn({ text }: Block): string[] {
  const lines = text.split('\n').map((line) =>
    line
      .replace(/\s+#.*$/, '')
      .replace(/\s+>.*$/, '')
      .trim(),
  )
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}
