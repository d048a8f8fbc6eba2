import type { Language, Problem } from '@shuniu/contracts'
import { saidOf, textOfPlace, type Said } from './failure.ts'
import type { Screen } from './screen.ts'
import { wordIn } from './words.ts'

/** A problem as people and programs get it. */
export interface SaidProblem extends Said {
  readonly severity: Problem['severity']
}

export function saidProblems(problems: readonly Problem[], language: Language): SaidProblem[] {
  return problems.map(({ severity, error }) => ({ severity, ...saidOf(error, language) }))
}

/** One problem a paragraph: where, how grave, code, sentence; then what to do. */
export function showProblem(screen: Screen, { severity, code, message, help, place }: SaidProblem): void {
  const where = place ? `${textOfPlace(place)}  ` : ''
  const grave = screen.paint(severity === 'error' ? 'red' : 'yellow', wordIn(screen.language, severity))
  screen.line(`${where}${grave}  ${screen.paint('bold', code)}  ${message}`)
  if (help !== '') screen.line(`    → ${help}`)
}
