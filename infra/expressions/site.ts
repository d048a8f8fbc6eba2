import { HubError, type ErrorCode, type ErrorParameters, type Place } from '@shuniu/contracts'

/** Where in the user's file a position of the expression's source is. */
export type Locate = (offset: number) => Place

/** One place of an expression that can fail; `what` names it in messages (`+`, `round()`, `.amount`). */
export interface Site {
  readonly what: string
  fail(code: ErrorCode, parameters?: ErrorParameters): HubError
}

export function siteAt(locate: Locate, offset: number, what: string): Site {
  return {
    what,
    fail: (code, parameters) => new HubError(code, { what, ...parameters }, { place: locate(offset) }),
  }
}

/** Positions of a source that begins at `at`; without one, line 1, column 1 of "expression". */
export function locateFrom(source: string, at: Place = { file: 'expression', line: 1, column: 1 }): Locate {
  return (offset) => {
    const before = source.slice(0, offset)
    const lines = before.split('\n').length - 1
    const column = lines === 0 ? at.column + offset : offset - before.lastIndexOf('\n')
    return { file: at.file, line: at.line + lines, column }
  }
}
