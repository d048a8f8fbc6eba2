import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Day, Decimal, Instant, type ValueRecord } from '@shuniu/contracts'
import { startHub, type Parts } from '@shuniu/hub'
import { writeJson } from '@shuniu/infra/json'
import { createdOf, voucherOf, type Maps, type Payment, type Saved } from './by-hand.ts'
import { figure, type Figure } from './figures.ts'
import type { House } from './house.ts'
import type { Size } from './ingest.ts'

type Plan = Parts['plans'][number]
type Context = Parameters<Plan['steps'][number]['run']>[1]

/** What came out of one mapping: what is to be saved, and what others are told. */
interface Mapped {
  readonly input: ValueRecord
  readonly data: ValueRecord
}

/** Both are measured in turn, in slices, so that whatever else the machine does meets both. */
const slices = 50

const saved: Saved & ValueRecord = {
  id: '100312',
  number: '记-27',
  status: 'A',
  book: '001',
  date: Day.ofEpochDay(Math.floor(Date.now() / 86_400_000)),
  reference: 'SN00000000000000000000000000',
}

/** The example's mapping, per voucher, against the same mapping written by hand. Both give the same, or it fails. */
export async function map(house: House, { rounds, count }: Size): Promise<Figure[]> {
  const environment = { ...process.env, DINGTALK_URL: house.target.url, KINGDEE_URL: house.target.url }
  const project = join(house.folder, 'project-free')
  const hub = await startHub({ project, data: join(house.folder, 'map'), port: 0, environment, logLevel: 'silent' })
  const [plan] = hub.parts.plans
  if (!plan) throw new Error('the example has no flow')
  const maps = mapsOf(project)
  const events = Array.from({ length: 100 }, (_, at) => payment(at))
  await mustAgree(plan, events, maps)
  const [ours, bare]: [number[], number[]] = [[], []]
  // The first round of each warms up and does not count.
  for (let round = 0; round <= rounds; round++) {
    const micros = { flow: 0, hand: 0 }
    for (let slice = 0; slice < slices; slice++) {
      micros.flow += (await timeFlow(plan, events, count / slices)) / slices
      micros.hand += timeByHand(events, maps, count / slices) / slices
    }
    if (round > 0) ours.push(micros.flow)
    if (round > 0) bare.push(micros.hand)
  }
  await hub.close()
  return [figure('map: per voucher', 'µs', { ratioAtMost: 3 }, ours, bare)]
}

async function mustAgree(plan: Plan, events: readonly (Payment & ValueRecord)[], maps: Maps): Promise<void> {
  for (const event of events) {
    const { input, data } = await flowOf(plan, event)
    const same =
      writeJson(input) === writeJson(voucherOf(event, maps)) && writeJson(data) === writeJson(createdOf(event, saved))
    if (!same) throw new Error(`the flow and the mapping by hand differ: ${writeJson(input)} ${writeJson(data)}`)
  }
}

async function timeFlow(plan: Plan, events: readonly (Payment & ValueRecord)[], count: number): Promise<number> {
  const before = performance.now()
  for (let at = 0; at < count; at++) {
    const event = events[at % events.length]
    if (event) await flowOf(plan, event)
  }
  return ((performance.now() - before) / count) * 1000
}

function timeByHand(events: readonly Payment[], maps: Maps, count: number): number {
  const before = performance.now()
  let entries = 0
  for (let at = 0; at < count; at++) {
    const event = events[at % events.length]
    if (event) entries += voucherOf(event, maps).entries.length + createdOf(event, saved).book.length
  }
  if (entries === 0) throw new Error('nothing was mapped')
  return ((performance.now() - before) / count) * 1000
}

/** Executes the steps of a flow as a run does, without a journal and a ledger. */
async function flowOf(plan: Plan, event: ValueRecord): Promise<Mapped> {
  const made: { input: ValueRecord; data: ValueRecord } = { input: {}, data: {} }
  const context: Context = {
    path: '',
    keys: [],
    learn(_kind, _asked, learn) {
      const learned = learn()
      return learned instanceof Promise ? learned.then(({ answer }) => answer) : learned.answer
    },
    async call({ input }) {
      made.input = input
      return saved
    },
    emit: (_path, _type, data) => void (made.data = data),
  }
  const scope = { event }
  for (const step of plan.steps) await step.run(scope, context)
  return made
}

function mapsOf(project: string): Maps {
  const read = (name: string): Map<string, string> => {
    const [, ...lines] = readFileSync(join(project, 'tables', `${name}.csv`), 'utf8')
      .trim()
      .split('\n')
    return new Map(lines.map((line) => [line.split(',')[0] ?? '', line.split(',')[1] ?? '']))
  }
  const month = (at: number): string => new Date(at + 8 * 3_600_000).toISOString().slice(0, 7)
  return {
    departments: read('department'),
    accounts: read('expense-account'),
    openMonths: new Set([month(Date.now())]),
  }
}

/** Payments of one to four lines. */
function payment(number: number): Payment & ValueRecord {
  const categories = ['差旅费', '办公费', '住宿费', '服务费']
  const lines = categories.slice(0, 1 + (number % 4)).map((category, at) => ({
    category,
    memo: `${category} ${number}`,
    amount: new Decimal(`${100 + number * 7 + at}.${String((number * 13) % 100).padStart(2, '0')}`),
  }))
  return {
    approvalId: `approval-${number}`,
    revision: new Decimal('1'),
    approvalNo: `2026112209000${String(number).padStart(8, '0')}`,
    approvedAt: new Instant(Date.now()),
    department: { id: '587120341', name: '市场部' },
    currency: 'CNY',
    amount: lines.reduce((sum, { amount }) => sum.plus(amount), new Decimal('0')),
    lines,
  }
}
