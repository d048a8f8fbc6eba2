import type { Contract, Language } from '@shuniu/contracts'
import type { Say } from '../speech.ts'
import type { TraceGround } from './find.ts'
import type { Matter } from './gather.ts'
import type { Veil } from './veil.ts'

/** One line of a story: when, what kind of thing, and the sentence. Facts are for programs. */
export interface Line {
  /** ms since 1970 */
  readonly at: number
  readonly what: string
  readonly text: string
  readonly facts?: Readonly<Record<string, unknown>>
}

/** Who tells: the language, what must not be shown, and what is told about. */
export interface Teller {
  readonly ground: TraceGround
  readonly matter: Matter
  readonly language: Language
  readonly say: Say
  readonly veil: Veil
}

export function contractOf({ ground }: Teller, type: string): Contract | undefined {
  return ground.contracts.find((one) => one.type === type)
}
