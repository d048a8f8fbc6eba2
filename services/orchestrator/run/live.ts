import type { Value, ValueRecord } from '@shuniu/contracts'
import type { Change, EventRow, Row } from '@shuniu/infra/store'
import type { FlowEvent, Learned, RunContext } from '../flow/plan.ts'
import type { CallRequest, Output, RunInHand } from '../ledger/ground.ts'
import { NoticeGivenUp, type Ledger } from '../ledger/ledger.ts'
import { askedOf, type EntryKind, type Journal } from './journal.ts'

/** Makes the log row of an event a flow emits. Its id follows from its cause, so that it cannot be emitted twice. */
export type MakeEvent = (emitted: {
  type: string
  data: ValueRecord
  cause: FlowEvent
  flow: string
  path: string
}) => EventRow

/** A run while it is executed for real. */
export class LiveRun implements RunContext, RunInHand {
  readonly pending: Change[] = []
  path = ''
  keys: readonly string[] = []

  constructor(
    readonly row: Row<'runs'>,
    readonly journal: Journal,
    readonly effects: Map<string, Row<'effects'>>,
    private readonly event: FlowEvent,
    private readonly ledger: Ledger,
    private readonly makeEvent: MakeEvent,
  ) {}

  async learn(kind: EntryKind, asked: Value, learn: () => Promise<Learned>): Promise<Value> {
    const question = askedOf(asked)
    const told = this.journal.recall(this.path, kind, question)
    if (told) return told.answer
    const { answer, version } = await learn()
    this.journal.note({ path: this.path, kind, asked: question, answer, ...(version ? { version } : {}) })
    return answer
  }

  async call(request: CallRequest): Promise<Output> {
    try {
      return await this.ledger.perform(this, request)
    } catch (error) {
      if (error instanceof NoticeGivenUp) return {}
      throw error
    }
  }

  emit(path: string, type: string, data: ValueRecord): void {
    const asked = askedOf(data)
    if (this.journal.recall(path, 'emit', asked)) return
    this.journal.note({ path, kind: 'emit', asked, answer: null })
    const append = this.makeEvent({ type, data, cause: this.event, flow: this.row.flow, path })
    this.pending.push({ append })
  }
}
