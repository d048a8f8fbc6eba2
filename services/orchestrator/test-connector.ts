import { Day, Decimal, isDecimal, isRecord, type Value, type ValueRecord } from '@shuniu/contracts'
import {
  anyValue,
  day,
  decimal,
  defineConnector,
  defineOperation,
  type ConnectorDefinition,
  type Finding,
  type Found,
  type Prepared,
} from '@shuniu/sdk'
import { z } from 'zod'
import { toFound, type Document, type Target } from './test-target.ts'

const words = (text: string) => ({ en: text, zh: `中文 ${text}` })

const saved = z.strictObject({ id: z.string(), number: z.string(), book: z.string(), date: day(), status: z.string() })
type Saved = z.output<typeof saved>

const outputOf = ({ id, number, day: text }: Pick<Document, 'id' | 'number' | 'day'>): Saved => ({
  id,
  number,
  book: 'main',
  date: Day.parse(text) ?? Day.ofEpochDay(0),
  status: 'saved',
})

const textOf = (value: Value | undefined): string => (value === undefined || value === null ? '' : String(value))

/** Day and lines: equal exactly when the money is. */
function contentOf(body: ValueRecord): string {
  const lines: readonly Value[] = Array.isArray(body['lines']) ? body['lines'] : []
  const amounts = lines.map((line) => (isRecord(line) && isDecimal(line['amount']) ? line['amount'].toString() : ''))
  return `${textOf(body['day'])} ${amounts.join('+')}`
}

/** What an operation on documents of this target shares with the others. */
const shared = {
  timeout: '60s',
  quarantine: '180s',
  lookUps: { times: 2, apart: '10s' },
  reference: 'the field reference',
  ready: async () => undefined,
  fingerprint: contentOf,
  fingerprintFound: ({ document }: Found) => textOf(document['content']),
  describe: (body: ValueRecord) => ({ book: 'main', day: textOf(body['day']), text: contentOf(body) }),
} as const

const voucher = {
  ...shared,
  effect: 'money',
  grade: 'B',
  output: saved,
  outputOf: ({ id, number, document }: Found) => outputOf({ id, number, day: textOf(document['day']) }),
  async readById(target: Target, id: string): Promise<Found | undefined> {
    const found = await target.read(id)
    return found && toFound(found)
  },
} as const

const lines = z.array(z.strictObject({ account: z.string(), amount: decimal() }))
const saveInput = z.strictObject({ day: day(), lines, project: z.string().nullish() })

const closed = (text: string): Finding => ({
  reason: 'period-closed',
  path: 'day',
  message: words(`closed on ${text}`),
})

const save = defineOperation<Target, z.output<typeof saveInput>, Saved>({
  ...voucher,
  title: words('Save a voucher'),
  input: saveInput,
  undo: 'voucher.reverse',
  find: (target, reference, _, known) => target.find('voucher.save', reference, known),
  hasOurs: (target) => target.hasOurs(),
  validate: async (target, input) => (target.isOpen(input.day) ? [] : [closed(input.day.text)]),
  prepare: async (_, input, reference) => ({
    is: 'body',
    body: { reference, day: input.day.text, lines: input.lines, project: input.project ?? null },
  }),
  send: async (target, body, reference, context) => {
    const draft = { kind: 'voucher', reference, day: textOf(body['day']), content: contentOf(body) }
    return outputOf(await target.send('voucher.save', draft, context))
  },
})

const reverse = defineOperation<Target, { id: string }, Saved>({
  ...voucher,
  title: words('Reverse a voucher'),
  input: z.strictObject({ id: z.string() }),
  find: (target, reference, _, known) => target.find('voucher.reverse', reference, known),
  async prepare(target, { id }, reference, { today }): Promise<Prepared<Saved>> {
    const original = await target.read(id)
    if (!original) return { is: 'park', finding: { reason: 'deleted-in-target', message: words(`${id} is gone`) } }
    const earlier = target.documents.find(({ of }) => of === id)
    if (earlier) return { is: 'done', output: outputOf(earlier), because: `${earlier.number} reverses it` }
    const amounts = original.content.split(' ')[1] ?? ''
    const negated = amounts
      .split('+')
      .map((amount) => ({ amount: new Decimal(amount || '0').times(new Decimal('-1')) }))
    return { is: 'body', body: { reference, day: today, of: id, lines: negated } }
  },
  send: async (target, body, reference, context) => {
    const draft = {
      kind: 'reversal',
      reference,
      day: textOf(body['day']),
      content: contentOf(body),
      of: textOf(body['of']),
    }
    return outputOf(await target.send('voucher.reverse', draft, context))
  },
})

const noteInput = z.strictObject({ text: z.string() })

const note = defineOperation<Target, z.output<typeof noteInput>, { id: string }>({
  ...shared,
  title: words('Post a note'),
  effect: 'notice',
  grade: 'C',
  input: noteInput,
  output: z.strictObject({ id: z.string() }),
  validate: async (target) => (target.well ? [] : [{ reason: 'connection', message: words('not well') }]),
  prepare: async (_, { text }) => ({ is: 'body', body: { text } }),
  send: async (target, body, reference, context) => {
    const draft = { kind: 'note', reference, day: '', content: textOf(body['text']) }
    return { id: (await target.send('note.post', draft, context)).id }
  },
})

const transfer = defineOperation<Target, { amount: Decimal }, { id: string }>({
  ...shared,
  title: words('Pay'),
  effect: 'money',
  grade: 'C',
  input: z.strictObject({ amount: decimal() }),
  output: z.strictObject({ id: z.string() }),
  prepare: async (_, { amount }) => ({ is: 'body', body: { day: '', lines: [{ amount }] } }),
  send: async (target, body, reference, context) => {
    const draft = { kind: 'transfer', reference, day: '', content: contentOf(body) }
    return { id: (await target.send('transfer.pay', draft, context)).id }
  },
  candidates: async (target) => target.ours('transfer').map(toFound),
})

const project = defineOperation<Target, { name: string }, { id: string }>({
  ...shared,
  title: words('Open a project'),
  effect: 'money',
  grade: 'B',
  crosswalk: 'project',
  input: z.strictObject({ name: z.string() }),
  output: z.strictObject({ id: z.string() }),
  outputOf: ({ id }) => ({ id }),
  find: (target, reference, _, known) => target.find('project.open', reference, known),
  prepare: async () => ({ is: 'body', body: { day: '', lines: [] } }),
  send: async (target, body, reference, context) => {
    const draft = { kind: 'project', reference, day: '', content: contentOf(body) }
    return { id: (await target.send('project.open', draft, context)).id }
  },
})

/** A connector in earnest, for a system that has no network. */
export function booksConnector(target: Target): ConnectorDefinition {
  const connector = defineConnector<unknown, Target>({
    name: 'target',
    title: words('Books'),
    summary: words('Vouchers in memory.'),
    settings: anyValue(),
    addresses: () => [],
    limits: () => ({ concurrency: 4, perSecond: 0, perMonth: 0 }),
    open: () => target,
    sources: {},
    hooks: {},
    operations: {
      'voucher.save': save,
      'voucher.reverse': reverse,
      'note.post': note,
      'transfer.pay': transfer,
      'project.open': project,
    },
    periods: {
      async openDay(link, _, from) {
        await link.answersPeriods()
        const { closed: months } = link
        for (let month = from.month; month <= 12; month++) {
          const text = `${from.year}-${String(month).padStart(2, '0')}`
          const first = month === from.month ? from : Day.parse(`${text}-01`)
          if (first && !months.has(text)) return { day: first, version: `${text} open` }
        }
        return undefined
      },
      isOpen: async (link, _, on) => link.isOpen(on),
    },
    failures: {
      invalid: { class: 'invalid', message: words('Refused: {message}.'), help: words('Mend it.') },
    },
    budget: () => ({ perMonth: 0, lines: [] }),
    check: async ({ well }) => [{ ok: well, what: words('works') }],
    discover: async () => ({ forms: [], lists: {} }),
  })
  return connector
}
