import { HubError, type Language } from '@shuniu/contracts'
import { CallFailure } from '@shuniu/infra/outbound'
import { realClock } from '@shuniu/infra/time'
import { saidOf, textOfPlace } from '../failure.ts'
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
  /** What is wrong, for people. */
  readonly lines: readonly string[]
}

/** Runs one case on a stage of its own. What stands in its way is a finding, too. */
export async function runCase(
  of: FlowTests,
  one: TestCase,
  ground: StageGround,
  language: Language,
): Promise<CaseResult> {
  const began = realClock.now()
  const findings = await findingsOf(of, one, ground, language)
  const seconds = (realClock.now() - began) / 1_000
  const lines = findings.map((finding) => lineOf(finding))
  return { file: of.file, flow: of.flow.flow, name: one.name, ok: findings.length === 0, seconds, findings, lines }
}

async function findingsOf(of: FlowTests, one: TestCase, ground: StageGround, language: Language): Promise<Finding[]> {
  try {
    const stage = await openStage(of, one, ground)
    try {
      return judge(one.expect, await play(of, one, stage))
    } finally {
      await stage.close()
    }
  } catch (error) {
    if (!(error instanceof HubError) && !(error instanceof CallFailure)) throw error
    const { code, message, help, place } = saidOf(error, language)
    return [{ path: code, expected: help, found: message, ...(place ? { place } : {}) }]
  }
}

function lineOf({ path, expected, found, place }: Finding): string {
  return `${path}: ${found} ≠ ${expected}${place ? `  (${textOfPlace(place)})` : ''}`
}
