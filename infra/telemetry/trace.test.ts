import { describe, expect, it } from 'vitest'
import { parseTraceparent, writeTraceparent } from './index.ts'

const HEADER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

describe('traceparent', () => {
  it('is read and written as W3C Trace Context says', () => {
    const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true }
    expect(parseTraceparent(HEADER)).toEqual(trace)
    expect(writeTraceparent(trace)).toBe(HEADER)
    expect(writeTraceparent({ ...trace, sampled: false })).toMatch(/-00$/)
  })

  it('of a later version is read as far as it is known', () => {
    expect(parseTraceparent(HEADER.replace('00-', '01-').concat('-more'))?.sampled).toBe(true)
  })

  it('that is not valid begins no trace', () => {
    const wrong = [
      '',
      'x',
      HEADER.toUpperCase(),
      `${HEADER}-more`,
      HEADER.replace('00-', 'ff-'),
      HEADER.slice(0, -1),
      ` ${HEADER}`,
    ]
    wrong.push(`00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`)
    for (const text of wrong) expect([text, parseTraceparent(text)]).toEqual([text, undefined])
  })
})
