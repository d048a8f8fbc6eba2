/** What people do in the two systems during the demo's day: requests to the simulators' control interface, nothing else. */

export interface Systems {
  readonly dingtalk: string
  readonly kingdee: string
}

export interface Made {
  readonly id: string
  readonly number: string
}

/** One thing that happens, told in the words of the people it happens to. */
export interface Scene {
  readonly says: { readonly en: string; readonly zh: string }
  play(systems: Systems): Promise<void>
}

async function post(url: string, body: object): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return answer.json()
}

const act = (url: string, name: string, input: object): Promise<unknown> => post(`${url}/_sim/acts/${name}`, input)
const fault = (url: string, rule: object): Promise<unknown> => post(`${url}/_sim/faults`, rule)
const approve = async ({ dingtalk }: Systems, input: object): Promise<Made> =>
  (await act(dingtalk, 'approved-payment', input)) as Made
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** `count` ordinary approvals, a little apart. */
function payments(first: number, count: number, says: Scene['says']): Scene {
  return {
    says,
    async play(systems) {
      for (let seed = first; seed < first + count; seed++) {
        await approve(systems, { seed, department: departments[seed % departments.length] })
        await pause(120)
      }
    },
  }
}

const departments = ['市场部', '销售部', '研发部', '行政部', '财务部']
const lastMonth = (): string => {
  const day = new Date()
  day.setUTCDate(1)
  day.setUTCHours(2, 0, 0, 0)
  day.setUTCDate(0)
  return day.toISOString()
}

/** The day until the hub is killed. 40 approvals in all, with the trouble a real day has. */
export function morning(kept: { change?: Made; withdraw?: Made }): readonly Scene[] {
  return [
    payments(1, 6, { en: 'Six payments are approved.', zh: '六笔付款审批通过。' }),
    {
      says: { en: 'DingTalk pushes three approvals twice.', zh: '钉钉把三条审批重复推送了一次。' },
      play: async (systems) => {
        await fault(systems.dingtalk, { on: 'push', fault: 'duplicate-push', times: 3 })
        await payments(7, 4, { en: '', zh: '' }).play(systems)
      },
    },
    {
      says: { en: 'Kingdee saves two vouchers but its answers get lost.', zh: '金蝶保存了两张凭证，但应答丢失。' },
      play: async (systems) => {
        await fault(systems.kingdee, { on: 'voucher.save', fault: 'execute-then-timeout', times: 2 })
        await payments(11, 4, { en: '', zh: '' }).play(systems)
      },
    },
    {
      says: { en: 'An approval whose lines do not add up.', zh: '一笔明细合计与总额不符的审批。' },
      play: async (systems) =>
        void (await approve(systems, {
          amount: '500.00',
          department: '市场部',
          lines: [{ category: '办公费', amount: '499.00', memo: '少写一元' }],
        })),
    },
    {
      says: { en: 'A department Kingdee has never heard of.', zh: '一个金蝶中没有的新部门。' },
      play: async (systems) => void (await approve(systems, { seed: 102, department: '新业务部' })),
    },
    {
      says: { en: 'Last month is closed; one of its approvals comes late.', zh: '上月已结账，却来了一笔上月的审批。' },
      play: async (systems) => {
        const day = lastMonth()
        await act(systems.kingdee, 'close-period', { period: day.slice(0, 7) })
        await approve(systems, { seed: 103, department: '研发部', at: day })
      },
    },
    {
      says: { en: 'Two approvals that will be changed or withdrawn later.', zh: '两笔稍后将被变更或撤销的审批。' },
      play: async (systems) => {
        kept.change = await approve(systems, { seed: 104, department: '行政部' })
        kept.withdraw = await approve(systems, { seed: 105, department: '销售部' })
      },
    },
    {
      says: { en: 'The network swallows two pushes.', zh: '网络吞掉了两条推送。' },
      play: async (systems) => {
        await fault(systems.dingtalk, { on: 'push', fault: 'lost-push', times: 4 })
        await payments(15, 2, { en: '', zh: '' }).play(systems)
      },
    },
    {
      says: {
        en: 'Kingdee executes one save long after the hub gave up waiting.',
        zh: '金蝶在枢纽放弃等待很久之后才执行一次保存。',
      },
      play: async (systems) => {
        await fault(systems.kingdee, { on: 'voucher.save', fault: 'late', ms: 4_000, times: 1 })
        await payments(17, 6, { en: '', zh: '' }).play(systems)
      },
    },
  ]
}

/** The rest of the day, after the hub was killed and started again. */
export function afternoon(kept: { change?: Made; withdraw?: Made }): readonly Scene[] {
  return [
    {
      says: { en: 'An approval is withdrawn before its voucher exists.', zh: '一笔审批在生成凭证之前被撤销。' },
      play: async (systems) => {
        await fault(systems.dingtalk, { on: 'push', fault: 'lost-push', times: 2 })
        const made = await approve(systems, { seed: 106, department: '财务部' })
        await act(systems.dingtalk, 'withdraw', { id: made.id })
      },
    },
    {
      says: { en: 'Another is withdrawn after its voucher was posted.', zh: '另一笔在凭证生成之后被撤销。' },
      play: async (systems) => void (await act(systems.dingtalk, 'withdraw', { id: kept.withdraw?.id })),
    },
    {
      says: { en: 'One is changed after approval: another amount.', zh: '一笔在审批通过后变更了金额。' },
      play: async (systems) =>
        void (await act(systems.dingtalk, 'modify', {
          id: kept.change?.id,
          fields: {
            '付款总额（元）': '888.00',
            费用明细: [{ 费用类型: '办公费', 摘要: '变更后', '金额（元）': '888.00', 发生日期: '2026-11-01' }],
          },
        })),
    },
    payments(23, 12, { en: 'The rest of the day: twelve ordinary payments.', zh: '当天余下的十二笔普通付款。' }),
  ]
}
