import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanSummary, withoutReference } from './summary.ts'

const reference = 'SN01ARZ3NDEKTSV4RRFFQ69G5FAV'

describe('the summary of an entry', () => {
  it('loses line breaks, tabs and quotes', () => {
    expect(cleanSummary('付款 "苏州明远"\r\n\t11月\u2028加工费 \'审批\' 20251118000731 ')).toBe(
      '付款 苏州明远 11月 加工费 审批 20251118000731',
    )
  })

  it('is at most 200 characters, and the document number in its middle survives the cut', () => {
    const summary = cleanSummary(`付款 ${'长'.repeat(150)} 审批202511180007310000123 ${'短'.repeat(150)} 完`)
    expect(summary.length).toBeLessThanOrEqual(200)
    expect(summary).toContain('202511180007310000123')
    expect(summary.startsWith('付款 长')).toBe(true)
    expect(summary.endsWith('短 完')).toBe(true)
  })

  it('ends with the reference when there is no better place for it', () => {
    const summary = cleanSummary(`付款 202511180007310000123 ${'长'.repeat(300)}`, reference)
    expect(summary.length).toBeLessThanOrEqual(200)
    expect(summary.endsWith(` ${reference}`)).toBe(true)
    expect(summary).toContain('202511180007310000123')
    expect(withoutReference(summary)).not.toContain('SN0')
  })

  it('stays within its length and never tears a character apart, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.constantFrom('', reference), (text, tail) => {
        const summary = cleanSummary(text, tail)
        expect(summary.length).toBeLessThanOrEqual(200)
        expect(summary.isWellFormed()).toBe(true)
        expect(summary).not.toMatch(/[\n\r\t"']/)
        expect(summary.endsWith(tail)).toBe(true)
      }),
    )
  })
})
