import { describe, expect, test } from 'vitest'
import { inThisBoot, judge, type Doubt, type Sight } from './doubt.ts'

const rule = { quarantine: 180_000, times: 2, apart: 10_000 }
const doubt: Doubt = {
  boot: 'b1',
  answerBy: 60_000,
  sends: 1,
  lookUps: 0,
  absences: 0,
  absentAt: undefined,
  reach: 0,
  elsewhere: {},
}
const nothing: Sight = { found: 0, equal: false, proven: true }
const at = (uptime: number, boot = 'b1'): { uptime: number; boot: string } => ({ uptime, boot })

describe('the in-doubt procedure', () => {
  test('one equal document settles at once, long before the quarantine ends', () => {
    expect(judge(doubt, { found: 1, equal: true, proven: true }, at(100), rule)).toEqual({ is: 'confirmed' })
  })

  test('one different document is a conflict, two are a duplicate', () => {
    expect(judge(doubt, { found: 1, equal: false, proven: true }, at(100), rule)).toMatchObject({ reason: 'conflict' })
    expect(judge(doubt, { found: 2, equal: true, proven: true }, at(100), rule)).toMatchObject({ reason: 'duplicate' })
  })

  test('nothing seen before answerBy + quarantine counts as no absence', () => {
    const verdict = judge(doubt, nothing, at(239_999), rule)
    expect(verdict).toMatchObject({ is: 'look again', after: 10, doubt: { absences: 0, lookUps: 1 } })
  })

  test('absence needs two proven look-ups apart', () => {
    const first = judge(doubt, nothing, at(240_000), rule)
    expect(first).toMatchObject({ is: 'look again', doubt: { absences: 1, absentAt: 240_000 } })
    if (first.is !== 'look again') throw new Error('unreachable')
    expect(judge(first.doubt, nothing, at(249_999), rule)).toMatchObject({ is: 'look again', after: 10 })
    expect(judge(first.doubt, nothing, at(250_000), rule)).toEqual({ is: 'absent' })
  })

  test('an empty answer that proves nothing is never an absence', () => {
    const verdict = judge(doubt, { ...nothing, proven: false }, at(999_000), rule)
    expect(verdict).toMatchObject({ is: 'look again', doubt: { absences: 0 } })
  })

  test('after a reboot the quarantine starts afresh', () => {
    const verdict = judge({ ...doubt, absences: 1, absentAt: 5 }, nothing, at(30_000, 'b2'), rule)
    expect(verdict).toMatchObject({ is: 'look again', doubt: { boot: 'b2', answerBy: 30_000, absences: 0 } })
    if (verdict.is !== 'look again') throw new Error('unreachable')
    expect(judge(verdict.doubt, nothing, at(209_000, 'b2'), rule)).toMatchObject({
      is: 'look again',
      doubt: { absences: 0 },
    })
  })

  test('on another machine its answer may still come, and machines that take turns begin the quarantine once each', () => {
    const first = inThisBoot({ ...doubt, reach: 62_000 }, at(5_000, 'b2'))
    expect(first).toMatchObject({ boot: 'b2', answerBy: 67_000 })
    const back = inThisBoot(first, at(80_000, 'b1'))
    expect(back).toMatchObject({ boot: 'b1', answerBy: 60_000 })
    expect(inThisBoot(back, at(90_000, 'b2'))).toMatchObject({ boot: 'b2', answerBy: 67_000, absences: 0 })
  })

  test('after four sends a person decides', () => {
    const late = { ...doubt, sends: 4, absences: 1, absentAt: 240_000 }
    expect(judge(late, nothing, at(250_000), rule)).toEqual({ is: 'parked', reason: 'in-doubt' })
  })
})
