import { defineConnector } from '@shuniu/sdk'
import { budget } from './budget.ts'
import { check } from './check.ts'
import { discover } from './discover.ts'
import { failures } from './failures.ts'
import { openKingdee, type Kingdee } from './link.ts'
import { periods } from './periods.ts'
import { voucherReverse } from './reverse.ts'
import { settings, writtenOrigin, type Settings } from './settings.ts'
import { voucherAudit, voucherSubmit } from './transitions.ts'
import { voucherSave } from './vouchers.ts'

/** 金蝶云星空 (K/3 Cloud): the ledger that vouchers are saved in. */
export default defineConnector<Settings, Kingdee>({
  name: 'kingdee',
  title: { en: 'Kingdee Cloud Galaxy', zh: '金蝶云星空' },
  summary: {
    en: 'Saves, submits, audits and reverses vouchers, each exactly once, and checks them against the base data first.',
    zh: '保存、提交、审核和红字冲销凭证，每张只做一次；发送前先按基础资料校验。',
  },
  settings,
  addresses: (chosen) => [writtenOrigin(chosen)],
  // Saves of one account book wait for each other inside Kingdee anyway (kingdee.md §9); no limit a second is published.
  limits: () => ({ concurrency: 2, perSecond: 0, perMonth: 0 }),
  open: openKingdee,
  sources: {},
  hooks: {},
  operations: {
    'voucher.save': voucherSave,
    'voucher.submit': voucherSubmit,
    'voucher.audit': voucherAudit,
    'voucher.reverse': voucherReverse,
  },
  periods,
  failures,
  budget: (_, expected) => budget(expected),
  check,
  discover,
})
