import { inspect } from 'node:util'
import type { Log } from '../ground.ts'

/** Hears everything a connector says: lines of its log, and errors with all their causes. */
export interface Witness {
  readonly log: Log
  watch<Result>(work: Promise<Result>): Promise<Result>
  /** What was heard, as text. */
  heard(): readonly string[]
}

export function openWitness(): Witness {
  const heard: string[] = []
  const line = (code: string, fields?: object): void => void heard.push(`${code} ${inspect(fields, { depth: 20 })}`)
  return {
    log: { info: line, warn: line, error: line },
    async watch(work) {
      try {
        return await work
      } catch (error) {
        heard.push(inspect(error, { depth: 20, showHidden: true }))
        throw error
      }
    },
    heard: () => heard,
  }
}
