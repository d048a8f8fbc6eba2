import { expect, test } from 'vitest'
import { referenceOf, type EffectIdentity } from './reference.ts'

const identity: EffectIdentity = {
  connection: 'kingdee-main',
  operation: 'voucher.save',
  source: 'dingtalk-main',
  key: 'approval-1',
  leg: ['payment-to-voucher', 'voucher'],
  revision: 1,
}

test('a reference is SN and 26 characters, for ever the same for the same document', () => {
  // Written down: references stand in books of other systems.
  expect(referenceOf(identity)).toBe('SN1CRMK7KRKT73ZX14B6QJV2J19B')
  expect(referenceOf(identity)).toMatch(/^SN[0-9A-HJKMNP-TV-Z]{26}$/)
})

test.each<[string, Partial<EffectIdentity>]>([
  ['connection', { connection: 'kingdee-2' }],
  ['operation', { operation: 'voucher.submit' }],
  ['source', { source: 'wecom-main' }],
  ['key', { key: 'approval-2' }],
  ['leg', { leg: ['payment-to-voucher', 'voucher', 'line-1'] }],
  ['revision', { revision: 2 }],
])('another %s is another document', (_, other) => {
  expect(referenceOf({ ...identity, ...other })).not.toBe(referenceOf(identity))
})
