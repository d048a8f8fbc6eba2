import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { maskBank, maskId, maskName, maskPhone, maskText, Secret } from './index.ts'

describe('masks', () => {
  it('keep three and four digits of a mobile number', () => {
    expect([maskPhone('13812341234'), maskPhone('+86 138-1234-1234'), maskPhone('010-6552')]).toEqual([
      '138****1234',
      '138****1234',
      '****6552',
    ])
  })

  it('keep three and four signs of an identity card', () => {
    expect([maskId('11010119900307123X'), maskId('110101900307123')]).toEqual(['110***********123X', '110********7123'])
  })

  it('keep the last four digits of a bank card', () => {
    expect(maskBank('6222 0212 3456 7890 128')).toBe('****0128')
  })

  it('keep the first sign of a name', () => {
    expect([maskName('张三丰'), maskName('𠮷田'), maskName('')]).toEqual(['张*', '𠮷*', ''])
  })

  it('show never more than half of a short text', () => {
    for (const mask of [maskPhone, maskId, maskBank])
      expect([mask('1234'), mask('1'), mask('')]).toEqual(['****34', '****', '****'])
  })

  it('find mobile numbers, identity cards and bank cards in free text', () => {
    expect(maskText('电话13812341234，身份证11010119900307123x，卡号 6222 0212 3456 7890 128。')).toBe(
      '电话138****1234，身份证110***********123x，卡号 ****0128。',
    )
    expect(maskText('+8613812341234/138-1234-1234')).toBe('138****1234/138****1234')
  })

  it('leave amounts, times, document numbers and our references alone', () => {
    const plain =
      '金额 12345678901.50 元，1763798400000，单号 202611220001，SN7K3J9QX13812341234ABCDEFGH，6222021234567890120'
    expect(maskText(plain)).toBe(plain)
  })

  it('take linear time on hostile text', () => {
    const started = performance.now()
    maskText('1 '.repeat(100_000))
    maskText('86'.repeat(100_000))
    maskText('1-'.repeat(100_000))
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('a secret', () => {
  it('prints as *** however it is printed', () => {
    const secret = new Secret('geheim')
    const shown = [
      `${secret}`,
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true, depth: 9 }),
      Object.entries(secret).join(),
    ]
    for (const text of shown) expect(text).not.toContain('geheim')
    expect(shown.slice(0, 3)).toEqual(['***', '***', '{"secret":"***"}'])
    expect(secret.reveal()).toBe('geheim')
  })
})
