/**
 * The rows of the hub, declared once: adapters make their schema, statements and types from this.
 * Keys are integers in order of arrival; `…_hash` columns are 52-bit hashes, so that no long random text stands in an
 * index of the hot path (what they find is compared in full). Times are ms since 1970, UTC.
 */
export type ColumnType = 'integer' | 'integer?' | 'text' | 'text?' | 'blob' | 'blob?'

export interface TableDeclaration {
  readonly columns: Readonly<Record<string, ColumnType>>
  /** Column lists that are unique; the first is what `insert if absent` means. */
  readonly unique?: readonly (readonly string[])[]
  /** Columns the database computes, by their SQL. */
  readonly generated?: Readonly<Record<string, string>>
  /** Other indexes; `where` is a partial index's condition, in SQL both databases understand. */
  readonly indexes?: readonly { readonly on: readonly string[]; readonly where?: string }[]
}

/** The state while there is still something to do, else null: a small index finds what is open among millions of rows. */
const openWhile = (...states: readonly string[]): string =>
  `CASE WHEN state IN (${states.map((state) => `'${state}'`).join(', ')}) THEN state END`
const openIndex = { on: ['open', 'id'], where: 'open IS NOT NULL' } as const

export const tables = {
  /** Installation id, epoch, schema version, resync mode. */
  meta: { columns: { id: 'integer', name: 'text', value: 'text' }, unique: [['name']] },
  /** Promise 2's totals. */
  counters: { columns: { id: 'integer', name: 'text', value: 'integer' }, unique: [['name']] },
  receipts: {
    columns: {
      id: 'integer',
      connection: 'text',
      source: 'text',
      origin: 'text',
      form: 'text?',
      subject: 'text',
      subject_hash: 'integer',
      key: 'text',
      key_hash: 'integer',
      born_at: 'integer?',
      received_at: 'integer',
      body: 'text',
      state: 'text',
      reason: 'text?',
      detail: 'text?',
      final: 'integer',
      attempts: 'integer',
      next_at: 'integer?',
      number: 'text?',
      events: 'text?',
      noticed_at: 'integer?',
      open: 'text?',
    },
    generated: { open: openWhile('received', 'parked') },
    unique: [['subject_hash', 'key_hash']],
    indexes: [openIndex, { on: ['number'], where: 'number IS NOT NULL' }],
  },
  /** Revisions given to changes and revocations: given once, never computed again. */
  revisions: {
    columns: { id: 'integer', connection: 'text', root: 'text', document: 'text', kind: 'text', revision: 'integer' },
    unique: [['connection', 'document']],
    indexes: [{ on: ['connection', 'root'] }],
  },
  /** How far a sweep or poll has come. */
  cursors: {
    columns: { id: 'integer', connection: 'text', name: 'text', value: 'text' },
    unique: [['connection', 'name']],
  },
  /** The embedded event log. `event_id` begins with the fact's time, so its index grows at its end. */
  events: {
    columns: {
      id: 'integer',
      event_id: 'blob',
      topic: 'text',
      key: 'text',
      time: 'integer',
      attributes: 'text',
      data: 'blob',
    },
    unique: [['event_id']],
  },
  /** Every schema events were ever written with, by its number on the wire. */
  schemas: {
    columns: { id: 'integer', number: 'integer', type: 'text', text: 'text' },
    unique: [['number']],
  },
  positions: {
    columns: { id: 'integer', reader: 'text', topic: 'text', position: 'integer' },
    unique: [['reader', 'topic']],
  },
  /** Lives of a topic's partition on Kafka; the row's number is part of every place in it. A topic found re-created gets a new life. */
  incarnations: {
    columns: { id: 'integer', cluster: 'text', topic: 'text', partition: 'integer', incarnation: 'integer' },
    unique: [['cluster', 'topic', 'partition', 'incarnation']],
  },
  /** How far a named reader has come in a partition on Kafka. `last` marks the record before `position`, to know the log again. */
  places: {
    columns: {
      id: 'integer',
      reader: 'text',
      topic: 'text',
      partition: 'integer',
      position: 'integer',
      last: 'text',
    },
    unique: [['reader', 'topic', 'partition']],
  },
  /** Versions of flows with their source, and when each became active. */
  flows: {
    columns: {
      id: 'integer',
      flow: 'text',
      version: 'text',
      source: 'text',
      active: 'integer',
      active_from: 'integer',
      registered_at: 'integer',
    },
    unique: [['flow', 'version']],
  },
  runs: {
    columns: {
      id: 'integer',
      flow: 'text',
      version: 'text',
      kind: 'text',
      key: 'text',
      key_hash: 'integer',
      event: 'integer',
      revision: 'integer',
      number: 'text?',
      source: 'text',
      correlation: 'text',
      state: 'text',
      reason: 'text?',
      detail: 'text?',
      waits_for: 'text?',
      after_run: 'integer?',
      attempts: 'integer',
      next_at: 'integer?',
      created_at: 'integer',
      finished_at: 'integer?',
      noticed_at: 'integer?',
      open: 'text?',
    },
    generated: { open: openWhile('queued', 'running', 'waiting', 'parked') },
    unique: [['key_hash', 'event', 'kind']],
    indexes: [openIndex, { on: ['number'], where: 'number IS NOT NULL' }],
  },
  /**
   * What runs learned and emitted in commits that precede no effect. `first` = number of entries before these.
   * What a commit that precedes an effect says stands in the effect's own row.
   */
  journal: {
    columns: { id: 'integer', run: 'integer', first: 'integer', entries: 'text' },
    indexes: [{ on: ['run'] }],
  },
  /** The ledger. Never expires. */
  effects: {
    columns: {
      id: 'integer',
      reference: 'text',
      run: 'integer',
      flow: 'text',
      key: 'text',
      revision: 'integer',
      leg: 'text',
      connection: 'text',
      operation: 'text',
      source: 'text',
      number: 'text?',
      kind: 'text',
      grade: 'text',
      state: 'text',
      input_hash: 'text',
      body: 'text',
      fingerprint: 'text',
      journal_first: 'integer',
      journal: 'text',
      epoch: 'integer',
      boot: 'text',
      send_by: 'integer',
      answer_by: 'integer',
      sent_at: 'integer?',
      sends: 'integer',
      attempts: 'integer',
      look_ups: 'integer',
      absences: 'integer',
      absent_at: 'integer?',
      document: 'text?',
      document_number: 'text?',
      output: 'text?',
      error: 'text?',
      undone_by: 'text?',
      created_at: 'integer',
      settled_at: 'integer?',
      open: 'text?',
    },
    generated: { open: openWhile('prepared', 'sending', 'in doubt', 'accepted') },
    unique: [['reference']],
    indexes: [{ on: ['run'] }, openIndex, { on: ['document'], where: 'document IS NOT NULL' }],
  },
  /** Every attempt, answer and look-up of an effect, for `trace`. Kept beside the ledger, written where it matters. */
  traces: {
    columns: { id: 'integer', effect: 'text', at: 'integer', what: 'text', detail: 'text' },
    indexes: [{ on: ['effect'] }],
  },
  /** Withdrawal marks: nothing of (flow, key) up to this revision is sent any more. */
  marks: {
    columns: { id: 'integer', flow: 'text', key: 'text', key_hash: 'integer', up_to: 'integer', run: 'integer?' },
    unique: [['key_hash', 'up_to']],
  },
  crosswalk: {
    columns: {
      id: 'integer',
      kind: 'text',
      from_connection: 'text',
      from_id: 'text',
      from_hash: 'integer',
      to_connection: 'text',
      to_id: 'text',
    },
    unique: [['from_hash', 'to_connection']],
  },
  /** Append-only, each row holding the hash of the one before. */
  audit: {
    columns: {
      id: 'integer',
      at: 'integer',
      actor: 'text',
      action: 'text',
      target: 'text',
      reason: 'text',
      detail: 'text',
      previous: 'text',
      hash: 'text',
    },
  },
} as const satisfies Record<string, TableDeclaration>

export type TableName = keyof typeof tables
type Cell = {
  integer: number
  'integer?': number | null
  text: string
  'text?': string | null
  blob: Uint8Array
  'blob?': Uint8Array | null
}
type Columns<T extends TableName> = (typeof tables)[T]['columns']

/** A whole row. */
export type Row<T extends TableName> = { [C in keyof Columns<T>]: Cell[Columns<T>[C] & ColumnType] }
type Nullable<T extends TableName> = { [C in keyof Columns<T>]: null extends Row<T>[C] ? C : never }[keyof Columns<T>]

/** A row to insert: `id` is given by the store, `open` is computed, nullable columns may be left out. */
export type NewRow<T extends TableName> = Omit<Row<T>, 'id' | 'open' | Nullable<T>> &
  Omit<Partial<Pick<Row<T>, Nullable<T>>>, 'open'>
