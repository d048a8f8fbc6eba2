/** One account of the chart (企业会计准则). */
export interface Account {
  readonly id: number
  readonly number: string
  readonly name: string
  /** Only leaves can be posted to. */
  readonly isLeaf: boolean
  /** Slots that every line on it has to carry (kingdee.md §6.3). */
  readonly required: readonly string[]
}

/** Number, name and the required dimensions; a parent stands before its children. */
const chart: readonly (readonly [number: string, name: string, ...required: string[]])[] = [
  ['1001', '库存现金'],
  ['1002', '银行存款'],
  ['1002.01', '基本户'],
  ['1002.02', '招商银行', 'FF100005'],
  ['1012', '其他货币资金'],
  ['1122', '应收账款'],
  ['1123', '预付账款'],
  ['1221', '其他应收款'],
  ['1601', '固定资产'],
  ['2202', '应付账款', 'FFLEX4'],
  ['2211', '应付职工薪酬'],
  ['2221', '应交税费'],
  ['2221.01', '应交增值税'],
  ['2221.01.01', '进项税额'],
  ['2221.01.02', '销项税额'],
  ['2241', '其他应付款'],
  ['4001', '实收资本'],
  ['6001', '主营业务收入'],
  ['6401', '主营业务成本'],
  ['6601', '销售费用'],
  ['6601.01', '差旅费'],
  ['6601.02', '业务招待费'],
  ['6601.03', '广告费'],
  ['6601.04', '渠道推广费', 'FFLEX5', 'FFLEX9'],
  ['6602', '管理费用'],
  ['6602.01', '差旅费', 'FFLEX5'],
  ['6602.02', '业务招待费', 'FFLEX5'],
  ['6602.03', '办公费', 'FFLEX5'],
  ['6602.04', '交通费', 'FFLEX5'],
  ['6602.05', '住宿费', 'FFLEX5'],
  ['6602.06', '培训费', 'FFLEX5'],
  ['6602.07', '服务费', 'FFLEX5'],
  ['6602.08', '广告费', 'FFLEX5'],
  ['6603', '财务费用'],
  ['6603.01', '手续费'],
]

export const accounts: readonly Account[] = chart.map(([number, name, ...required], index) => ({
  id: 4001 + index,
  number,
  name,
  isLeaf: !chart.some(([other]) => other.startsWith(`${number}.`)),
  required,
}))

const byNumber = new Map(accounts.map((account) => [account.number, account]))
export const accountOf = (number: string): Account | undefined => byNumber.get(number)
