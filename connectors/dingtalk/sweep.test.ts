import { expect, test } from 'vitest'
import { budget } from './budget.ts'
import { settings } from './settings.ts'
import { samples, sweep } from './sweep.ts'
import { expenseForm, openVendor, type Asked } from './test-ground.ts'

const IDS = '/v1.0/workflow/processes/instanceIds/query'
const DAY = 86_400_000

interface Query {
  readonly processCode: string
  readonly startTime: number
  readonly endTime: number
  readonly nextToken: number
  readonly maxResults: number
  readonly statuses: readonly string[]
}
const queryOf = ({ body }: Asked): Query => JSON.parse(body) as Query

test('a page asks for decided approvals of a half-open window, 20 at a time, and goes on where it stopped', async () => {
  await using vendor = await openVendor()
  vendor.says(IDS, (asked) =>
    queryOf(asked).nextToken === 0
      ? { body: { success: true, result: { list: ['a', 'b'], nextToken: '2' } } }
      : { body: { success: 'true', result: { list: ['c'] } } },
  )
  const session = vendor.session()
  const to = session.ground.clock.now()
  const first = await sweep.page(session, { form: expenseForm, from: to - DAY, to })
  const second = await sweep.page(session, { form: expenseForm, from: to - DAY, to, next: first.next ?? '' })
  expect(first.handed.map(({ key, subject, form }) => [key, subject, form])).toEqual([
    ['sweep:a', 'a', expenseForm],
    ['sweep:b', 'b', expenseForm],
  ])
  expect(second.handed.map(({ subject }) => subject)).toEqual(['c'])
  expect(second.next).toBeUndefined()
  const [, query, next] = vendor.asked.map((one) => (one.path === IDS ? queryOf(one) : undefined))
  expect(query).toEqual({
    processCode: expenseForm,
    startTime: to - DAY,
    endTime: to - 1,
    nextToken: 0,
    maxResults: 20,
    statuses: ['COMPLETED'],
  })
  expect(next?.nextToken).toBe(2)
})

test('a long window goes in slices, oldest first, without a gap or an overlap', async () => {
  await using vendor = await openVendor()
  vendor.says(IDS, { body: { success: true, result: { list: [] } } })
  const session = vendor.session()
  const to = session.ground.clock.now()
  let next: string | undefined
  let pages = 0
  do {
    const ask = { form: expenseForm, from: to - 120 * DAY, to, ...(next === undefined ? {} : { next }) }
    next = (await sweep.page(session, ask)).next
  } while (next !== undefined && ++pages < 10)
  const windows = vendor.asked.filter(({ path }) => path === IDS).map(queryOf)
  expect(windows).toHaveLength(4)
  expect(windows[0]?.startTime).toBe(to - 120 * DAY)
  expect(windows.at(-1)?.endTime).toBe(to - 1)
  for (const [index, window] of windows.slice(1).entries())
    expect(window.startTime).toBe((windows[index]?.endTime ?? 0) + 1)
})

test('nothing is asked for that is older than the vendor allows', async () => {
  await using vendor = await openVendor()
  const session = vendor.session()
  const now = session.ground.clock.now()
  const page = await sweep.page(session, { form: expenseForm, from: 0, to: now - 400 * DAY })
  expect(page).toEqual({ handed: [] })
  expect(vendor.asked).toEqual([])
})

test('a page without a list is a failure, not the end', async () => {
  await using vendor = await openVendor()
  vendor.says(IDS, { body: { success: true, result: {} } })
  const session = vendor.session()
  const to = session.ground.clock.now()
  await expect(sweep.page(session, { form: expenseForm, from: to - DAY, to })).rejects.toMatchObject({
    failureClass: 'transient',
  })
})

test('a token that does not move ends the window', async () => {
  await using vendor = await openVendor()
  vendor.says(IDS, { body: { success: true, result: { list: ['a'], nextToken: '0' } } })
  const session = vendor.session()
  const to = session.ground.clock.now()
  expect((await sweep.page(session, { form: expenseForm, from: to - DAY, to })).next).toBeUndefined()
})

test('samples are the last of the smallest window that has enough', async () => {
  await using vendor = await openVendor()
  vendor.says(IDS, (asked) => {
    const { startTime, endTime } = queryOf(asked)
    return { body: { success: true, result: { list: endTime - startTime > 2 * DAY ? ['old', 'a', 'b'] : ['b'] } } }
  })
  const found = await samples(vendor.session(), expenseForm, 2)
  expect(found.map(({ subject }) => subject)).toEqual(['a', 'b'])
  expect(vendor.asked.filter(({ path }) => path === IDS)).toHaveLength(2)
})

test('the forecast counts every rhythm, each approval once, and comments only when they can be written', () => {
  const base = { clientId: 'a', clientSecret: 'b' }
  const comments = { en: 'comments', zh: '添加评论' }
  const failedPushes = { en: 'failed pushes after 10 starts or outages', zh: '启动或中断 10 次后查询推送失败记录' }
  const quiet = budget(settings.parse(base), { documentsPerDay: 10, forms: 1 })
  expect(quiet).toEqual({
    perMonth: 5000,
    lines: [
      { what: { en: 'approvals read', zh: '读取审批单' }, calls: 300 },
      { what: { en: 'sweep of 2 d every 1 h', zh: '核对近 2 天，每 1 小时一次' }, calls: 720 },
      { what: { en: 'sweep of 14 d every 1 d', zh: '核对近 14 天，每 1 天一次' }, calls: 210 },
      { what: { en: 'sweep of 120 d every 7 d', zh: '核对近 120 天，每 7 天一次' }, calls: 258 },
      { what: failedPushes, calls: 0 },
      { what: comments, calls: 0 },
    ],
  })
  const speaking = budget(settings.parse({ ...base, commentAs: 'u', perMonth: 0 }), { documentsPerDay: 10, forms: 1 })
  expect(speaking).toMatchObject({ perMonth: 0, lines: expect.arrayContaining([{ what: comments, calls: 300 }]) })
  const callback = { token: 'abc', aesKey: 'a'.repeat(43) }
  const pushed = budget(settings.parse({ ...base, callback }), { documentsPerDay: 10, forms: 1 })
  expect(pushed.lines.at(-2)).toEqual({ what: failedPushes, calls: 20 })
  expect(budget(settings.parse(base), { documentsPerDay: 0, forms: 0 }).lines.every(({ calls }) => calls === 0)).toBe(
    true,
  )
})
