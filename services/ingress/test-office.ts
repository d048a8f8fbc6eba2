import { Decimal, Instant, type FieldType } from '@shuniu/contracts'
import { parseJson } from '@shuniu/infra/json'
import { CallFailure } from '@shuniu/infra/outbound'
import { sleep } from '@shuniu/infra/time'
import { anyValue, defineConnector, type Ground, type Handed, type Reading, type Sink } from '@shuniu/sdk'

/** An approval as the office keeps it. */
export interface Approval {
  readonly id: string
  readonly form: string
  readonly kind: 'new' | 'modify' | 'revoke'
  readonly root: string
  readonly createdAt: number
  /** Undefined while it runs. */
  result?: 'agree' | 'refuse'
  finishedAt?: number
  amount: string
}

/** An outside system in memory: its approvals, and what it was asked. */
export class Office {
  readonly approvals = new Map<string, Approval>()
  readonly reads: string[] = []
  readonly pages: string[] = []
  /** Pushes it could not hand over, by approval, and how often it was asked for them. */
  readonly undelivered: string[] = []
  askedForUndelivered = 0
  /** What the next calls end with. */
  readonly failures: CallFailure[] = []
  /** Each call waits for it. */
  gate: () => Promise<void> = () => Promise.resolve()
  sink: Sink | undefined

  submit(id: string, createdAt: number, more: Partial<Approval> = {}): Approval {
    const approval: Approval = { id, form: 'PAY', kind: 'new', root: id, createdAt, amount: '100.00', ...more }
    this.approvals.set(id, approval)
    return approval
  }

  /** Does not answer any more, until somebody opens. */
  close(): () => void {
    let open = (): void => undefined
    const opened = new Promise<void>((resolve) => (open = resolve))
    this.gate = () => opened
    return open
  }

  /** Submitted and agreed at once. */
  agree(id: string, at: number, more: Partial<Approval> = {}): Approval {
    return this.submit(id, at, { result: 'agree', finishedAt: at, ...more })
  }

  async call<T>(answer: () => T): Promise<T> {
    await this.gate()
    const failure = this.failures.shift()
    if (failure) throw failure
    return answer()
  }
}

/** What the office pushes. */
export function push(id: string, more: { event?: string; result?: string; form?: string } = {}): Handed {
  const { event = `event-${id}`, result = 'agree', form = 'PAY' } = more
  return { source: 'approval', key: event, subject: id, form, body: JSON.stringify({ event, id, result }) }
}

/** The office a connection's settings name; connectors get no other object than their settings and their ground. */
const offices = new Map<string, Office>()

export function openOffice(name: string): Office {
  const office = new Office()
  offices.set(name, office)
  return office
}

interface Link {
  readonly office: Office
  readonly ground: Ground
}

const text: FieldType = { kind: 'string' }

/** A connector in earnest, for a system that has no network. */
export const officeConnector = defineConnector<unknown, Link>({
  name: 'office',
  title: { en: 'Office', zh: '办公' },
  summary: { en: 'Approvals in memory.', zh: '内存中的审批。' },
  settings: anyValue(),
  addresses: () => [],
  limits: () => ({ concurrency: 4, perSecond: 0, perMonth: 0 }),
  open(settings, ground) {
    const office = offices.get(String(settings))
    if (!office) throw new TypeError(`no office ${String(settings)}`)
    return { office, ground }
  },
  sources: {
    approval: {
      title: { en: 'Approval', zh: '审批' },
      documentType: () => ({
        kind: 'record',
        fields: {
          id: { type: text },
          rootId: { type: text },
          kind: { type: text, values: ['new', 'modify', 'revoke'] },
          revision: { type: { kind: 'integer' } },
          number: { type: text },
          result: { type: text, values: ['agree', 'refuse'] },
          finishedAt: { type: { kind: 'instant' } },
          amount: { type: { kind: 'decimal' } },
        },
      }),
      read: ({ office }, receipt) => office.call(() => read(office, receipt)),
      sweep: {
        rhythm: [
          { window: 2 * 86_400_000, every: 3_600_000 },
          { window: 14 * 86_400_000, every: 86_400_000 },
        ],
        page: ({ office }, { form, from, to, next }) =>
          office.call(() => {
            office.pages.push(`${form} ${new Date(from).toISOString()} ${next ?? ''}`.trim())
            const all = [...office.approvals.values()].filter(
              (one) => one.form === form && one.createdAt >= from && one.createdAt < to,
            )
            const start = Number(next ?? 0)
            const handed = all.slice(start, start + 2).map((one) => swept(one))
            return start + 2 < all.length ? { handed, next: String(start + 2) } : { handed }
          }),
        async undelivered({ office }) {
          office.askedForUndelivered++
          await office.gate()
          const handed = office.undelivered.splice(0, 2).map((id) => swept({ id, form: 'PAY' }))
          return { handed, more: office.undelivered.length > 0 }
        },
      },
      sample: () => Promise.resolve([]),
    },
    memo: {
      title: { en: 'Memo', zh: '备忘' },
      documentType: () => ({ kind: 'map', of: { kind: 'dyn' } }),
      read: () => Promise.resolve({ is: 'unreadable', because: 'memos cannot be read' }),
      sweep: { none: 'memos are never lost' },
      sample: () => Promise.resolve([]),
    },
  },
  hooks: {
    callback: {
      title: { en: 'Callback', zh: '回调' },
      open: (settings) => (request) => {
        if (request.query['token'] !== String(settings)) return { is: 'refused', status: 401, because: 'wrong token' }
        const { event, id, result } = JSON.parse(Buffer.from(request.body).toString()) as Record<string, string>
        const handed = event === 'check' ? [] : [push(id ?? '', { event, result } as Parameters<typeof push>[1])]
        return { is: 'accepted', handed, answer: () => ({ status: 200, headers: {}, body: 'success' }) }
      },
    },
    unwanted: { title: { en: 'Never open', zh: '不开放' }, open: () => undefined },
  },
  stream: {
    title: { en: 'Stream', zh: '长连接' },
    wanted: () => true,
    async run({ office, ground }, sink, signal) {
      office.sink = sink
      while (!signal.aborted) await sleep(ground.clock, 86_400_000, signal)
    },
  },
  operations: {},
  failures: {
    'no-permission': {
      class: 'fatal',
      message: { en: 'The office refuses: {message}', zh: '办公系统拒绝：{message}' },
      help: { en: 'Grant it under Settings.', zh: '请在设置中授权。' },
    },
  },
  budget: () => ({ perMonth: 0, lines: [] }),
  check: () => Promise.resolve([]),
  discover: () => Promise.resolve({ forms: [], lists: {} }),
})

function swept({ id, form }: Pick<Approval, 'id' | 'form'>): Handed {
  return { source: 'approval', key: `sweep:${id}`, subject: id, form, body: JSON.stringify({ sweep: id }) }
}

function read(office: Office, receipt: Handed): Reading {
  office.reads.push(receipt.subject)
  if (receipt.subject === '') return { is: 'unreadable', because: 'it names no approval' }
  const said = parseJson(receipt.body) as { readonly result?: string }
  const approval = office.approvals.get(receipt.subject)
  if (!approval) return { is: 'again', because: 'there is no such approval' }
  const { id, form, kind, root, result, finishedAt, createdAt } = approval
  if (result === undefined || finishedAt === undefined) {
    if (said.result !== undefined) return { is: 'again', because: `the push says ${said.result}, the approval runs` }
    return { is: 'skipped', because: 'the approval runs', final: false }
  }
  if (said.result !== undefined && said.result !== result) {
    return { is: 'again', because: `the push says ${said.result}, the approval ${result}` }
  }
  const chain = [...office.approvals.values()].filter((one) => one.root === root && one.kind === 'modify')
  const agreed = chain.filter((one) => one.result === 'agree' && (one.finishedAt ?? Infinity) <= finishedAt)
  const first = office.approvals.get(root)
  return {
    is: 'document',
    document: {
      form,
      id,
      root,
      kind,
      number: `NO-${root}`,
      final: true,
      at: new Instant(finishedAt),
      rootAt: new Instant(first?.finishedAt ?? createdAt),
      version: result,
      agreedChanges: agreed.length,
      values: { result, finishedAt: new Instant(finishedAt), amount: new Decimal(approval.amount) },
    },
  }
}
