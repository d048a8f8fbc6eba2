import { HubError, type Place, type Problem } from '@shuniu/contracts'
import { check, type Checked, type Local } from './check.ts'
import type { Code } from './code.ts'
import { compile } from './compile.ts'
import type { Names } from './environment.ts'
import { parse } from './parser.ts'
import { locateFrom, type Locate } from './site.ts'

/** An expression that is ready to run in a frame, with what is known of it. */
export interface Prepared extends Checked {
  readonly source: string
  readonly code: Code
}

/** Parse, check, compile: all problems at once, or the code. `locals` = variables that stand in the frame. */
export function prepare(
  source: string,
  names: Names,
  at?: Place | Locate,
  locals: readonly Local[] = [],
): { prepared?: Prepared; problems: readonly Problem[] } {
  const locate = typeof at === 'function' ? at : locateFrom(source, at)
  try {
    const node = parse(source, locate)
    const checked = check(node, names, locate, locals)
    if (checked.problems.length > 0) return { problems: checked.problems }
    const code = compile(
      node,
      names,
      locate,
      locals.map((local) => local.name),
    )
    return { prepared: { ...checked, source, code }, problems: [] }
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    return { problems: [{ severity: 'error', error }] }
  }
}
