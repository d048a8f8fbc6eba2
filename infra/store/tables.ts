/** Raised with every change of the tables. What a release adds (tables, columns that may be null, indexes) is made by itself. */
export const schemaVersion = 2

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
  /** Processes that share the work; one that has not said so before `expires_at` is taken for dead. */
  members: { columns: { id: 'integer', name: 'text', expires_at: 'integer' }, unique: [['name']] },
  /** Who works on a partition; `epoch` is raised with each owner. Where one process does everything, there are none. */
  leases: { columns: { id: 'integer', part: 'integer', owner: 'text?', epoch: 'integer' }, unique: [['part']] },
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
  /**
   * Events on their way to Kafka, in the shape of Debezium's outbox router: `aggregatetype` is the topic, `aggregateid` the key.
   * Within these two, `id` is the order of the commits. Sent rows are kept for a while.
   */
  outbox: {
    columns: {
      id: 'integer',
      event_id: 'blob',
      aggregatetype: 'text',
      aggregateid: 'text',
      type: 'text',
      payload: 'blob',
      attributes: 'text',
      time: 'integer',
      state: 'text',
      sent_at: 'integer?',
      open: 'text?',
    },
    generated: { open: openWhile('waiting') },
    unique: [['event_id']],
    indexes: [{ on: ['aggregatetype', 'id'], where: 'open IS NOT NULL' }],
  },
  /** Every schema events were ever written with, by its number on the wire. */
  schemas: {
    columns: { id: 'integer', number: 'integer', type: 'text', text: 'text' },
    unique: [['number']],
  },
  /** The schema registry: versions of a subject. `deleted`: 0 there, 1 hidden, 2 for good; a version is never given twice. */
  subjects: {
    columns: { id: 'integer', subject: 'text', version: 'integer', number: 'integer', deleted: 'integer' },
    unique: [['subject', 'version']],
    indexes: [{ on: ['number'] }],
  },
  /** Its rules, of one subject, or of all where the subject is empty. */
  subject_rules: {
    columns: { id: 'integer', subject: 'text', compatibility: 'text?', mode: 'text?' },
    unique: [['subject']],
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
  /**
   * Records on Kafka that nobody could read, as they came: Kafka may forget them before a person has looked. `run` is the
   * parked run; `state` says whether the copy for the dead-letter topic is `waiting`, `sent`, or `held` as one that came from there.
   */
  poisoned: {
    columns: {
      id: 'integer',
      position: 'integer',
      event_id: 'blob',
      topic: 'text',
      key: 'text',
      time: 'integer',
      attributes: 'text',
      data: 'blob',
      code: 'text',
      message: 'text',
      run: 'integer',
      state: 'text',
      open: 'text?',
    },
    generated: { open: openWhile('waiting') },
    unique: [['position']],
    indexes: [openIndex],
  },
  /**
   * Versions of flows with their source, and where in the log each became active. `active_ends`: the ends of all partitions at
   * that moment, a list in JSON; null where the log has only the one in `active_from`.
   */
  flows: {
    columns: {
      id: 'integer',
      flow: 'text',
      version: 'text',
      source: 'text',
      active: 'integer',
      active_from: 'integer',
      active_ends: 'text?',
      registered_at: 'integer',
    },
    unique: [['flow', 'version']],
  },
  /** Projects that were taken into use, the newest last: connections, flows, tables and contracts, as their files say them. */
  projects: {
    columns: { id: 'integer', hash: 'text', files: 'text', actor: 'text', applied_at: 'integer' },
  },
  /** `event` is the event's place in the log. A log may hold an event twice: with `source`, `event_id` tells it again. */
  runs: {
    columns: {
      id: 'integer',
      flow: 'text',
      version: 'text',
      kind: 'text',
      key: 'text',
      key_hash: 'integer',
      event: 'integer',
      event_id: 'text?',
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
      boots: 'text?',
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
  /** Who may use the API from elsewhere: of a token only its hash is kept. A name is never given twice, for audit lines say it. */
  tokens: {
    columns: {
      id: 'integer',
      name: 'text',
      role: 'text',
      hash: 'text',
      created_at: 'integer',
      expires_at: 'integer?',
      revoked_at: 'integer?',
    },
    unique: [['name']],
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
