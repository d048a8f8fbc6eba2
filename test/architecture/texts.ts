import { posix } from 'node:path'
import type { Violation } from './repository.ts'

type Texts = ReadonlyMap<string, string>

/** One table, long because the hub can fail in many ways. */
const tables = ['contracts/catalogue.ts']

/** Lines of the code files that are written by hand, longest first. */
export function lengths(texts: Texts): { path: string; lines: number }[] {
  return [...texts]
    .filter(([path]) => /\.(ts|mjs)$/.test(path) && !path.endsWith('.gen.ts') && !tables.includes(path))
    .map(([path, text]) => ({ path, lines: text.split('\n').length - 1 }))
    .toSorted((a, b) => b.lines - a.lines)
}

export function tooLong(texts: Texts): Violation[] {
  return lengths(texts)
    .filter(({ lines }) => lines > 500)
    .map(({ path, lines }) => `${path}:500 has ${lines} lines: 250 is a reason to think, 500 is never right`)
}

/** A letter in brackets keeps an expression from finding itself here. */
const unwanted: readonly { readonly rule: string; readonly is: RegExp; readonly where: RegExp }[] = [
  {
    rule: 'finish it, or say in an issue what is left',
    is: /\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b|not implemente[d]/,
    where: /\.(ts|mjs|md|yaml|sh)$/,
  },
  {
    rule: 'no registry is named here: npm is configured outside',
    is: /registry\.(npm|yarn)|npmmirro[r]|maven\.(apache\.)?org|pythonhosted\.org|deb\.debian\.org|static\.crates\.io/,
    where: /./,
  },
  {
    rule: 'a path of one machine means nothing on another',
    is: /(^|[\s'"`=(:])(\/(home|Users|root|work|farm|workspace)\/[\w.-]|[A-Z]:\\+Users\\)/,
    where: /./,
  },
]

export function unwantedText(texts: Texts): Violation[] {
  return [...texts].flatMap(([path, text]) =>
    unwanted
      .filter(({ where }) => where.test(path))
      .flatMap(({ rule, is }) =>
        text.split('\n').flatMap((line, index) => (is.test(line) ? [`${path}:${index + 1} ${rule}`] : [])),
      ),
  )
}

/** Names that say nothing about the thing they name. */
const emptyNames = /^(utils?|helpers?|common|misc|manager|.*-(utils?|helpers?|manager|impl))$/

export function emptyFileNames(texts: Texts): Violation[] {
  return [...texts.keys()].flatMap((path) => {
    const parts = path.replace(/\.[^/]*$/, '').split('/')
    const empty = parts.find((part) => emptyNames.test(part))
    return empty === undefined ? [] : [`${posix.normalize(path)}:1 "${empty}" names nothing: say what is in it`]
  })
}
