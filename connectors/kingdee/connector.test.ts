import { Day, Decimal } from '@shuniu/contracts'
import { acceptance, type Answer, type FailureSample, type Scene } from '@shuniu/sdk/kit'
import * as fc from 'fast-check'
import connector from './connector.ts'
import { refusal } from './facts.ts'
import type { Kingdee } from './link.ts'
import { periods } from './periods.ts'
import { readVoucher } from './look-up.ts'
import { simulator } from './simulator/main.ts'

/** A voucher to be saved, in the terms the property test plays with. */
interface Spec {
  readonly day: number
  readonly lines: readonly { readonly account: string; readonly department: string | undefined; readonly fen: number }[]
}

const amount = (fen: number): Decimal => new Decimal(String(fen)).div('100')
const month = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 8)
const dayOf = (day: number): Day => Day.parse(`${month}${String(day).padStart(2, '0')}`) ?? Day.ofEpochDay(0)

/** Debits as given, and one credit of the bank. */
function inputOf({ day, lines }: Spec) {
  const total = lines.reduce((sum, line) => sum + line.fen, 0)
  const debits = lines.map(({ account, department, fen }, at) => ({
    summary: `付款 审批20251118000731 第${at}行`,
    account,
    debit: amount(fen),
    ...(department === undefined ? {} : { department }),
  }))
  const credit = { summary: '付款 审批20251118000731', account: '1002.01', credit: amount(total) }
  return { book: '001', date: dayOf(day), entries: [...debits, credit] }
}

let turn = 0
const nextInput = () => inputOf({ day: 1, lines: [{ account: '6602.03', department: 'D03', fen: 100_000 + ++turn }] })

const line = fc.record({
  account: fc.constantFrom('6602.03', '6602.01', '2221.01.01'),
  department: fc.constantFrom('D01', 'D03'),
  fen: fc.integer({ min: 1, max: 99_999_999 }),
})
const withoutSuperfluous = (one: { account: string; department: string; fen: number }): Spec['lines'][number] => ({
  ...one,
  department: one.account.startsWith('6602') ? one.department : undefined,
})
const spec = fc.record({
  day: fc.integer({ min: 1, max: 28 }),
  lines: fc.array(line.map(withoutSuperfluous), { minLength: 1, maxLength: 4 }),
})

/** One small change, or only another order of the lines. */
const changes: readonly ((of: Spec) => Spec)[] = [
  (of) => of,
  (of) => ({ ...of, lines: of.lines.toReversed() }),
  (of) => ({ ...of, day: (of.day % 28) + 1 }),
  (of) => ({ ...of, lines: of.lines.map((one, at) => (at === 0 ? { ...one, fen: one.fen + 1 } : one)) }),
  (of) => ({ ...of, lines: of.lines.map((one, at) => (at === 0 ? { ...one, fen: one.fen * 10 } : one)) }),
  (of) => ({ ...of, lines: of.lines.map((one, at) => (at === 0 ? { ...one, account: '6602.02' } : one)) }),
  (of) => ({ ...of, lines: of.lines.map((one) => (one.department ? { ...one, department: 'D02' } : one)) }),
  (of) => ({ ...of, lines: [...of.lines, { account: '6602.04', department: 'D01', fen: 1 }] }),
]
const moneyOf = ({ day, lines }: Spec): string =>
  JSON.stringify([day, lines.map((one) => [one.account, one.department ?? '', one.fen].join(' ')).toSorted()])

/** The kit judges inputs; which spec each was made of is remembered here. */
const specs = new WeakMap<object, Spec>()
const made = (of: Spec): object => {
  const input = inputOf(of)
  specs.set(input, of)
  return input
}
const specOf = (input: unknown): string => {
  const found = typeof input === 'object' && input !== null ? specs.get(input) : undefined
  return found ? moneyOf(found) : ''
}

const saved = async ({ hub }: Scene<Kingdee>): Promise<string> => {
  const { output } = await hub.perform('voucher.save', nextInput())
  return String(output['id'])
}

const json = (body: unknown): Answer => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
const refused = (msgCode: number, words: string): FailureSample<Kingdee> => ({ answer: json(refusal(msgCode, words)) })
const queried = (answer: unknown, ask: (link: Kingdee) => Promise<unknown>): FailureSample<Kingdee> => ({
  answer: json(answer),
  ask,
})

acceptance(connector, {
  simulator,
  settings: (url) => ({
    serverUrl: `${url}/k3cloud/`,
    acctId: '6543a1b2c3d4e5',
    userName: 'hub_bot',
    appId: '219903_WEVXYANATXACQldEVUpkXQFCXBdTAyZK',
    appSecret: '7f3c2b9e4d5a40c1a8e6f0b1c2d3e4f5',
    orgNum: '100',
    dimensions: { project: 'FF100004', bankAccount: 'FF100005' },
  }),
  operations: {
    'voucher.save': {
      input: nextInput,
      money: {
        pairs: fc.tuple(spec, fc.constantFrom(...changes)).map(([of, change]) => [made(of), made(change(of))] as const),
        same: (left, right) => specOf(left) === specOf(right),
      },
    },
    'voucher.submit': { input: async (scene) => ({ id: await saved(scene) }) },
    'voucher.audit': {
      input: async (scene) => {
        const id = await saved(scene)
        await scene.hub.perform('voucher.submit', { id })
        return { id }
      },
    },
    'voucher.reverse': {
      input: () => ({}),
      undone: ({ hub }) => hub.perform('voucher.save', nextInput()),
    },
  },
  failures: {
    'session-lost': refused(1, '会话信息已丢失，请重新登录'),
    'login-refused': queried(refusal(1, '会话信息已丢失'), (link) => link.client.ready()),
    'gateway-refused': {
      answer: {
        status: 519,
        body: '{"errcode":4006,"description":"X-Api-TimeStamp is invalid","description_cn":"时间戳无效"}',
      },
    },
    'account-set-unknown': { answer: { status: 500, body: 'Fail to verify thirty passport' } },
    'no-permission': refused(2, '您没有该功能的操作权限'),
    'form-unknown': refused(4, '标识为“GL_VOUCHERX”的业务对象不存在，或者被删除'),
    'field-unknown': refused(9, '元数据中标识为F_HUB_SourceId的字段不存在'),
    'periods-unknown': queried([], (link) => periods.isOpen(link, '001', dayOf(1))),
    'nothing-visible': queried([], (link) => readVoucher(link, '100312', '001')),
    licence: refused(7, '许可不足'),
    'administrator-login': refused(15, '不允许管理员登录'),
    'request-refused': refused(8, 'data 数据包中的参数 FieldKeys 的值不能为空'),
    'voucher-refused': refused(11, '凭证借贷不平衡'),
    'wrong-state': refused(12, '单据未提交，不能审核'),
    'not-found': refused(10, '单据不存在'),
    duplicate: refused(11, '违反字段唯一性要求：编码唯一。[X]在当前系统中已经被使用。'),
    'edit-lock': refused(13, '"王会计"使用业务单据冲突，请稍候再使用。'),
    'call-limit': refused(14, '接口调用超过限制，请稍后再试'),
    'database-failed': refused(6, '数据库操作失败'),
    exception: { answer: { body: 'response_error:{"Message":"调用服务异常"}' } },
    unreadable: { answer: { body: '<!DOCTYPE html><html><body>Bad Gateway 网关错误</body></html>' } },
  },
})
