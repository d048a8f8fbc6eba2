import type { Value, ValueRecord } from '@shuniu/contracts'
import type { Hold } from '@shuniu/infra/leases'
import type { Change, EventRow, Row } from '@shuniu/infra/store'
import type { FlowEvent, Learned, RunContext } from '../flow/plan.ts'
import type { CallRequest, Effect, Output, RunInHand } from '../ledger/ground.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Doors } from './doors.ts'
import { askedOf, type EntryKind, type Journal } from './journal.ts'

/** Makes the log row of an event a flow emits. Its id follows from its cause, so that it cannot be emitted twice. */
export type MakeEvent = (emitted: {
  type: string
  data: ValueRecord
  cause: FlowEvent
  flow: string
  path: string
}) => EventRow

/** What a run that is executed stands on. */
export interface LiveGround {
  readonly ledger: Ledger
  readonly doors: Pick<Doors, 'pass'>
  readonly makeEvent: MakeEvent
}

/** A run while it is executed for real. */
export class LiveRun implements RunContext, RunInHand {
  readonly pending: Change[] = []
  readonly learned: string[] = []
  path = ''
  keys: readonly string[] = []
  attempts: number
  running: boolean

  constructor(
    private readonly ground: LiveGround,
    readonly row: Row<'runs'>,
    private readonly event: FlowEvent,
    readonly journal: Journal,
    readonly effects: Map<string, Effect>,
    readonly hold: Hold,
  ) {
    this.attempts = row.attempts
    this.running = row.state === 'running'
  }

  learn(
    kind: EntryKind,
    asked: Value,
    learn: () => Learned | Promise<Learned>,
    connection?: string,
  ): Value | Promise<Value> {
    const question = askedOf(asked)
    const { path } = this
    const told = this.journal.recall(path, kind, question)
    if (told) return told.answer
    const note = ({ answer, version }: Learned): Value => {
      this.journal.note({ path, kind, asked: question, answer, ...(version ? { version } : {}) })
      return answer
    }
    const learned =
      connection === undefined ? learn() : this.ground.doors.pass(connection, this.row.id, async () => learn())
    return learned instanceof Promise ? learned.then(note) : note(learned)
  }

  call(request: CallRequest): Promise<Output> {
    return this.ground.ledger.perform(this, request)
  }

  emit(path: string, type: string, data: ValueRecord): void {
    const asked = askedOf(data)
    if (this.journal.recall(path, 'emit', asked)) return
    this.journal.note({ path, kind: 'emit', asked, answer: null })
    const append = this.ground.makeEvent({ type, data, cause: this.event, flow: this.row.flow, path })
    this.pending.push({ append })
  }
}
