import { HubError, type Language, type Place } from '@shuniu/contracts'
import { CallFailure } from '@shuniu/infra/outbound'
import { realClock } from '@shuniu/infra/time'
import { saidOf, textOfPlace, type Said } from '../failure.ts'
import { say } from '../texts.ts'
import type { FlowTests } from './files.ts'
import type { TestCase } from './format.ts'
import { judge, type Finding } from './judge.ts'
import { play } from './play.ts'
import { openStage, type StageGround } from './stage.ts'

/** How one case ended. */
export interface CaseResult {
  readonly file: string
  readonly flow: string
  readonly name: string
  readonly ok: boolean
  readonly seconds: number
  readonly findings: readonly Finding[]
  /** What stood in the way of trying it at all. */
  readonly error?: Said
  /** What is wrong, for people. */
  readonly lines: readonly string[]
}

/** Runs one case on a stage of its own. */
export async function runCase(
  of: FlowTests,
  one: TestCase,
  ground: StageGround,
  language: Language,
): Promise<CaseResult> {
  const began = realClock.now()
  const { findings, error } = await judged(of, one, ground, language)
  const seconds = (realClock.now() - began) / 1_000
  const ok = findings.length === 0 && error === undefined
  const lines = error ? linesOf(error) : findings.map((finding) => lineOf(finding, language))
  const { file, flow } = of
  return { file, flow: flow.flow, name: one.name, ok, seconds, findings, ...(error ? { error } : {}), lines }
}

type Judged = Pick<CaseResult, 'findings' | 'error'>

async function judged(of: FlowTests, one: TestCase, ground: StageGround, language: Language): Promise<Judged> {
  try {
    const stage = await openStage(of, one, ground)
    try {
      return { findings: judge(one.expect, await play(of, one, stage)) }
    } finally {
      await stage.close()
    }
  } catch (error) {
    if (!(error instanceof HubError) && !(error instanceof CallFailure)) throw error
    return { findings: [], error: saidOf(error, language) }
  }
}

const at = (place: Place | undefined): string => (place ? `  (${textOfPlace(place)})` : '')

function linesOf({ code, message, help, place }: Said): string[] {
  const flat = message.replace(/\s+/g, ' ')
  return [`${code}  ${flat}${at(place)}`, ...(help === '' ? [] : [`→ ${help}`])]
}

function lineOf({ path, expected, found, place }: Finding, language: Language): string {
  return say(language, 'said.differs', { path, expected, found }) + at(place)
}
