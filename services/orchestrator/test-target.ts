import { Day, type FailureClass } from '@shuniu/contracts'
import { CallFailure } from '@shuniu/infra/outbound'
import { sleep, type Clock } from '@shuniu/infra/time'
import type { Found, LookUp, SendContext } from '@shuniu/sdk'

/** What befalls one call: the way loses it or its answer, the target executes it late, refuses it, or cannot be asked. */
export type Fault =
  | 'lose'
  | 'lose-answer'
  | { readonly late: number }
  | { readonly refuse: FailureClass; readonly retryAfter?: number }
  | 'empty'

export interface Document {
  readonly id: string
  readonly number: string
  readonly kind: string
  readonly reference: string
  /** `yyyy-MM-dd` */
  readonly day: string
  /** What its money is, as text: equal exactly when the money is. */
  readonly content: string
  /** Id of the document it takes back. */
  readonly of?: string
}

export type Draft = Omit<Document, 'id' | 'number'>

const failure = (failureClass: FailureClass, code: string, retryAfter?: number): CallFailure =>
  new CallFailure(failureClass, { code, message: code, ...(retryAfter === undefined ? {} : { retryAfter }) })

/** An outside system in memory, with a book it never forgets, and faults on demand. */
export class Target {
  /** In order of creation; deleted ones are gone. */
  documents: Document[] = []
  /** Every send that arrived, executed or not: `voucher.save SN…`. */
  readonly sends: string[] = []
  readonly looks: string[] = []
  /** Months (`yyyy-MM`) that are closed. */
  readonly closed = new Set<string>()
  /** What its check finds. */
  well = true
  /** What befalls a call that no fault was put on. */
  weather: (operation: string) => Fault | undefined = () => undefined
  /** What a question for its periods takes. */
  answersPeriods = (): Promise<void> => Promise.resolve()
  /** How long an answer takes, ms. */
  latency = (): number => 0
  private made = 0
  private readonly faults = new Map<string, Fault[]>()

  constructor(private readonly clock: Clock) {
    this.make({ kind: 'opening', reference: 'SOMEBODY', day: '2026-01-01', content: '' })
  }

  /** Faults of the next calls of an operation, one each. */
  fault(operation: string, ...faults: readonly Fault[]): void {
    this.faults.set(operation, [...(this.faults.get(operation) ?? []), ...faults])
  }

  /** Documents of ours. */
  ours(kind?: string): Document[] {
    return this.documents.filter((one) => one.reference.startsWith('SN') && (kind === undefined || one.kind === kind))
  }

  /** One call that changes something. What is late is refused before it leaves, as a connection does. */
  async send(operation: string, draft: Draft, { sendBy, timeout }: SendContext): Promise<Document> {
    if (this.clock.uptime() > sendBy.uptime || this.clock.now() > sendBy.wall) throw failure('transient', 'target.late')
    this.sends.push(`${operation} ${draft.reference}`)
    const fault = this.next(operation)
    await this.answering()
    if (fault === undefined || fault === 'empty') return this.post(draft)
    if (typeof fault === 'object' && 'refuse' in fault)
      throw failure(fault.refuse, `target.${fault.refuse}`, fault.retryAfter)
    if (fault === 'lose-answer') this.post(draft)
    await sleep(this.clock, timeout)
    if (typeof fault === 'object') this.clock.after(fault.late, () => this.takes(draft) && this.make(draft))
    throw failure('ambiguous', 'target.timeout')
  }

  /** Looks a reference up; proven by a document that is known to be there. */
  async find(operation: string, reference: string, known: string | undefined): Promise<LookUp> {
    this.looks.push(`${operation} ${reference}`)
    const fault = this.next(`${operation} look-up`)
    await this.answering()
    if (fault === 'empty') return { found: [], proven: false }
    if (fault !== undefined) throw failure('transient', 'target.blind')
    const found = this.documents.filter((one) => one.reference === reference).map(toFound)
    return { found, proven: this.documents.some(({ id }) => id === (known ?? '1')) }
  }

  async hasOurs(): Promise<boolean> {
    this.looks.push('has ours')
    await this.answering()
    if (this.next('has ours') !== undefined) throw failure('transient', 'target.blind')
    return this.ours().length > 0
  }

  async read(id: string): Promise<Document | undefined> {
    await this.answering()
    const fault = this.next('read')
    if (typeof fault === 'object' && 'refuse' in fault) throw failure(fault.refuse, 'target.unread', fault.retryAfter)
    return this.documents.find((one) => one.id === id || one.number === id)
  }

  isOpen(day: Day): boolean {
    return !this.closed.has(day.text.slice(0, 7))
  }

  make(draft: Draft): Document {
    const id = String(++this.made)
    const document = { ...draft, id, number: `${draft.kind}-${id}` }
    this.documents.push(document)
    return document
  }

  private post(draft: Draft): Document {
    if (!this.takes(draft)) throw failure('invalid', 'target.closed')
    return this.make(draft)
  }

  private takes({ day: text }: Draft): boolean {
    const day = Day.parse(text)
    return !day || this.isOpen(day)
  }

  private next(operation: string): Fault | undefined {
    return this.faults.get(operation)?.shift() ?? this.weather(operation)
  }

  private async answering(): Promise<void> {
    const ms = this.latency()
    if (ms > 0) await sleep(this.clock, ms)
  }
}

export function toFound({ id, number, day, content }: Document): Found {
  return { id, number, status: 'saved', document: { day, content } }
}
