/** The one data centre of this simulator. Every credential is invented; those of the facts folder fit. */
export const tenant = {
  acctId: '6543a1b2c3d4e5',
  number: 'CX01',
  title: '晨星正式账套',
  company: '上海晨星智能科技有限公司',
  lcid: '2052',
  orgNum: '100',
  appId: '219903_WEVXYANATXACQldEVUpkXQFCXBdTAyZK',
  appSecret: '7f3c2b9e4d5a40c1a8e6f0b1c2d3e4f5',
} as const

export interface User {
  readonly id: number
  /** Login name. */
  readonly name: string
  /** Shown name; it logs in as well. */
  readonly title: string
  readonly password: string
  /** Without rights, changes are refused and queries of vouchers come back empty (kingdee.md §1.1). */
  readonly mayUseVouchers: boolean
}

export const users: readonly User[] = [
  { id: 130088, name: 'hub_bot', title: '集成账号', password: 'Hub-Demo-2026', mayUseVouchers: true },
  { id: 130089, name: 'hub_blind', title: '受限账号', password: 'Blind-Demo-2026', mayUseVouchers: false },
]

/** The person who works in the same book. */
export const bookkeeper = '王会计'

/** The header field the customer added in the designer, the place for the hub's reference (kingdee.md §6.1). */
export const referenceField = 'F_HUB_SourceId'

/** One record of base data. `org` is where it may be used. */
export interface BaseRecord {
  readonly id: number
  readonly number: string
  readonly name: string
  readonly org: string
  readonly forbidden?: boolean
  /** ISO code, of currencies. */
  readonly code?: string
}

const records = (firstId: number, org: string, rows: Readonly<Record<string, string>>): BaseRecord[] =>
  Object.entries(rows).map(([number, name], index) => ({ id: firstId + index, number, name, org }))

export const organisations = [
  { id: 100001, number: '100', name: '上海晨星智能科技有限公司' },
  { id: 100410, number: '400', name: '苏州晨星制造有限公司' },
] as const

export const accountBooks: readonly BaseRecord[] = records(1001, '100', { '001': '晨星主账簿' })

export const voucherWords: readonly BaseRecord[] = records(1, '100', {
  PRE001: '记',
  PRE002: '收',
  PRE003: '付',
  PRE004: '转',
})

export const currencies: readonly BaseRecord[] = [
  { id: 1, number: 'PRE001', name: '人民币', code: 'CNY', org: '100' },
  { id: 7, number: 'PRE007', name: '美元', code: 'USD', org: '100' },
]

export const rateTypes = ['HLTX01_SYS', 'HLTX02_SYS', 'HLTX03_SYS'] as const

export const departments: readonly BaseRecord[] = [
  ...records(110001, '100', { D01: '市场部', D02: '销售部', D03: '研发部', D04: '行政部', D05: '财务部' }),
  { id: 110006, number: 'D06', name: '筹备部', org: '100', forbidden: true },
  { id: 110009, number: 'D09', name: '苏州生产部', org: '400' },
]

export const suppliers: readonly BaseRecord[] = [
  ...records(150001, '100', {
    S001: '上海云帆信息技术有限公司',
    S002: '杭州启明广告有限公司',
    S003: '苏州明远精密机械有限公司',
    S004: '宁波海川包装材料有限公司',
  }),
  { id: 150009, number: 'S009', name: '苏州本地物流有限公司', org: '400' },
]

export const expenseItems: readonly BaseRecord[] = records(170001, '100', {
  FYXM01: '差旅费',
  FYXM02: '招待费',
  FYXM03: '办公费',
  FYXM04: '推广费',
})

/** Dimension slots (kingdee.md §6.3) with their records; the tenant-defined ones have no form of their own here. */
export const dimensions: Readonly<Record<string, { readonly title: string; readonly records: readonly BaseRecord[] }>> =
  {
    FFLEX4: { title: '供应商', records: suppliers },
    FFLEX5: { title: '部门', records: departments },
    FFLEX9: { title: '费用项目', records: expenseItems },
    FF100004: {
      title: '项目',
      records: records(190001, '100', { 'PRJ2025-018': '智能产线', 'PRJ2026-001': '数据平台' }),
    },
    FF100005: { title: '银行账号', records: records(191001, '100', { 'BANK-CMB-6688': '招商银行 6688' }) },
  }
