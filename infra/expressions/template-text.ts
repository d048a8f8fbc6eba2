import { HubError, type Problem, type Value } from '@shuniu/contracts'
import { madeText } from './budget.ts'
import { constantCode, direct, nary, syncRuns, type Code } from './code.ts'
import type { Local } from './check.ts'
import type { Names } from './environment.ts'
import { textOf } from './functions/write.ts'
import { tokenize } from './lexer.ts'
import { prepare, type Prepared } from './prepare.ts'
import { siteAt, type Locate } from './site.ts'
import { stripNull, typeName } from './types.ts'

/** A text with `${expression}` in it. Without any, it is a constant. */
export interface TextTemplate {
  readonly code: Code
  readonly parts: readonly Prepared[]
  readonly problems: readonly Problem[]
}

type Piece = string | { readonly source: string; readonly at: number }

/**
 * Compiles a text: `${expression}` becomes its value as text, null becomes nothing, `$${` stands for `${`.
 * Lists and records have no text.
 */
export function compileText(source: string, names: Names, locate: Locate, locals: readonly Local[]): TextTemplate {
  let pieces: readonly Piece[]
  try {
    pieces = cut(source, locate)
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    return { code: constantCode(null), parts: [], problems: [{ severity: 'error', error }] }
  }
  const problems: Problem[] = []
  const parts: Prepared[] = []
  const codes = pieces.map((piece) => {
    if (typeof piece === 'string') return constantCode(piece)
    const place: Locate = (offset) => locate(piece.at + offset)
    const { prepared, problems: found } = prepare(piece.source, names, place, locals)
    problems.push(...found, ...(prepared ? textless(prepared, place) : []))
    if (prepared) parts.push(prepared)
    return prepared?.code ?? constantCode(null)
  })
  return {
    code: codes.every((code) => 'constant' in code) ? constantText(codes, locate) : joined(codes, locate),
    parts,
    problems,
  }
}

function constantText(codes: readonly Code[], locate: Locate): Code {
  const site = siteAt(locate, 0, '${ }')
  return constantCode(codes.map((code) => ('constant' in code ? pieceText(site, code.constant ?? null) : '')).join(''))
}

function joined(codes: readonly Code[], locate: Locate): Code {
  const site = siteAt(locate, 0, '${ }')
  const runs = syncRuns(codes)
  if (!runs)
    return nary(codes, (frame, values) => madeText(site, frame, values.map((one) => pieceText(site, one)).join('')))
  const pieces = codes.map((code, at) => ('constant' in code ? pieceText(site, code.constant ?? null) : runs[at]))
  return direct((frame) => {
    let text = ''
    for (const piece of pieces) {
      const value = typeof piece === 'function' ? piece(frame) : piece
      text += typeof value === 'string' ? value : pieceText(site, value ?? null)
    }
    return madeText(site, frame, text)
  })
}

function pieceText(site: ReturnType<typeof siteAt>, value: Value): string {
  return value === null ? '' : textOf(site, value)
}

function textless({ type }: Prepared, locate: Locate): Problem[] {
  const { kind } = stripNull(type)
  if (kind !== 'list' && kind !== 'record' && kind !== 'map') return []
  const expected = 'string | decimal | bool | date | instant | duration'
  const error = siteAt(locate, 0, '${ }').fail('expression.wrong-type', { expected, found: typeName(type) })
  return [{ severity: 'error', error }]
}

/** Cuts at `${` and at the brace that closes it, which the lexer finds: braces in texts and records do not count. */
function cut(source: string, locate: Locate): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (let open = source.indexOf('${'); open !== -1; open = source.indexOf('${', at)) {
    if (source[open - 1] === '$' && open > at) {
      pieces.push(`${source.slice(at, open - 1)}\${`)
      at = open + 2
      continue
    }
    if (open > at) pieces.push(source.slice(at, open))
    const end = tokenize(source, locate, open + 2, true).at(-1)?.at ?? source.length
    if (source[end] !== '}') throw siteAt(locate, open, '${').fail('expression.syntax', { found: '${', expected: '}' })
    pieces.push({ source: source.slice(open + 2, end), at: open + 2 })
    at = end + 1
  }
  if (at < source.length || pieces.length === 0) pieces.push(source.slice(at))
  return pieces
}
