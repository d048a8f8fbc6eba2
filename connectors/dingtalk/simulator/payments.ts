import { randomInt } from 'node:crypto'
import { paymentCategories } from './forms.ts'
import type { Fields } from './values.ts'

/** One line of a payment as people write it; amounts are decimal text. */
export interface PaymentLine {
  readonly category?: string
  readonly amount?: string
  readonly memo?: string
}

/** What is known of a payment; everything else is drawn, the same for the same seed. */
export interface PaymentWish {
  readonly lines?: readonly PaymentLine[]
  readonly amount?: string
  readonly department?: string
  readonly payee?: string
  readonly seed?: number
}

/** Departments a drawn payment belongs to: those every ledger knows. */
const knownDepartments = ['市场部', '销售部', '研发部', '行政部', '财务部']
const payees = [
  '深圳市恒远物流有限公司',
  '上海锦程商务服务有限公司',
  '广州明德会展有限公司',
  '北京智远咨询有限公司',
  '东莞市嘉禾办公用品有限公司',
]
const memos: Readonly<Record<string, readonly string[]>> = {
  差旅费: ['客户现场调试往返机票', '华东片区走访高铁票'],
  业务招待费: ['客户工作餐', '供应商年会接待'],
  办公费: ['季度办公用品', '打印耗材'],
  交通费: ['市内用车', '货运市内配送'],
  住宿费: ['深圳南山酒店三晚', '展会期间住宿'],
  培训费: ['内控制度培训', '安全生产培训'],
  服务费: ['设备维护服务', '法律顾问服务'],
  广告费: ['行业杂志广告', '展会宣传物料'],
}

type Draw = <Item>(items: readonly Item[]) => Item

/** The fields of a payment form: 1–4 lines whose sum is the amount, unless the wish says otherwise. */
export function paymentFields(wish: PaymentWish, day: string): Fields {
  const next = numbers(wish.seed ?? randomInt(2 ** 32))
  const draw: Draw = (items) => {
    const item = items[Math.floor(next() * items.length)]
    if (item === undefined) throw new RangeError('there is nothing to draw from')
    return item
  }
  const lines = wish.lines ?? drawnAmounts(wish.amount, next).map((amount) => ({ amount }))
  const rows = lines.map((line) => paymentRow(line, draw, next, day))
  const total = rows.reduce((sum, row) => sum + cents(row['金额（元）']), 0n)
  return {
    付款事由: `${rows[0]?.['摘要'] ?? '付款'}等`,
    '付款总额（元）': wish.amount ?? text(total),
    费用承担部门: wish.department ?? draw(knownDepartments),
    收款方: wish.payee ?? draw(payees),
    收款账号: `62148300${String(Math.floor(next() * 1e11)).padStart(11, '0')}`,
    付款方式: '银行转账',
    币种: 'CNY',
    期望付款日期: day,
    费用明细: rows,
  }
}

function paymentRow(line: PaymentLine, draw: Draw, next: () => number, day: string) {
  const category = line.category ?? draw(paymentCategories)
  return {
    费用类型: category,
    摘要: line.memo ?? draw(memos[category] ?? [category]),
    '金额（元）': line.amount ?? text(drawnCents(next)),
    发生日期: day,
  }
}

/** Amounts of 1–4 lines; with a total given they sum up to it. */
function drawnAmounts(total: string | undefined, next: () => number): string[] {
  const count = 1 + Math.floor(next() * 4)
  if (total === undefined) return Array.from({ length: count }, () => text(drawnCents(next)))
  const whole = cents(total)
  const part = whole / BigInt(count)
  return Array.from({ length: count }, (_, index) => text(index === 0 ? whole - part * BigInt(count - 1) : part))
}

const drawnCents = (next: () => number): bigint => BigInt(1_000 + Math.floor(next() * 1_500_000))

/** Cents of a decimal text; what is no amount counts nothing and is refused when the form is filled. */
function cents(amount: string): bigint {
  const [, minus = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(amount) ?? []
  return BigInt(`${minus}${whole}${fraction.padEnd(2, '0')}`)
}

function text(amount: bigint): string {
  const digits = String(amount < 0n ? -amount : amount).padStart(3, '0')
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** Repeatable numbers in [0, 1) from a seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
