import { DatabaseSync } from 'node:sqlite'

/** How the columns of copied rows are made; a column that is not named is copied as it is. `k` = number of the copy, `s` = offset of its ids. */
const columns: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  receipts: {
    id: 'id + :s',
    subject: "subject || '-' || :k",
    subject_hash: 'random() & 4503599627370495',
    key: "key || '-' || :k",
    key_hash: 'random() & 4503599627370495',
  },
  // The first six bytes are the time of the fact: copies stand in the past, as a grown log does.
  events: { id: 'id + :s', event_id: 'substr(event_id, 1, 6) || randomblob(10)', key: "key || '-' || :k" },
  runs: {
    id: 'id + :s',
    key: "key || '-' || :k",
    key_hash: 'random() & 4503599627370495',
    event: 'event + :s',
  },
  effects: {
    id: 'id + :s',
    run: 'run + :s',
    reference: "'SN' || hex(randomblob(13))",
    key: "key || '-' || :k",
    document: "document || '-' || :k",
  },
  journal: { id: 'id + :s', run: 'run + :s' },
  traces: { id: 'id + :s', effect: "'SN' || hex(randomblob(13))" },
  crosswalk: { id: 'id + :s', from_id: "from_id || '-' || :k", from_hash: 'random() & 4503599627370495' },
}

/**
 * Lets a ledger grow: copies every row of a data file `times` times, under keys of their own, so that nothing is found
 * twice. The hub must be down. The result is what so many more approvals would have left.
 */
export function multiply(file: string, times: number, say: (line: string) => void): void {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000')
  const last = Object.keys(columns).map((table) => maxId(database, table))
  const offset = Math.max(...last) + 1
  for (let copy = 1; copy <= times; copy++) {
    database.exec('BEGIN')
    for (const table of Object.keys(columns)) copyRows(database, table, { copy, offset: copy * offset, below: offset })
    database.exec('COMMIT')
    if (copy % 10 === 0) say(`  ${copy} of ${times} copies`)
  }
  database.exec(`UPDATE counters SET value = value * ${times + 1}`)
  database.exec('UPDATE positions SET position = (SELECT max(id) FROM events)')
  database.exec('PRAGMA journal_mode = WAL')
  database.close()
}

function maxId(database: DatabaseSync, table: string): number {
  const row = database.prepare(`SELECT coalesce(max(id), 0) AS id FROM "${table}"`).get() as { id: number }
  return row.id
}

function copyRows(
  database: DatabaseSync,
  table: string,
  { copy, offset, below }: { copy: number; offset: number; below: number },
): void {
  const info = database.prepare(`PRAGMA table_info("${table}")`).all() as { name: string }[]
  const names = info.map(({ name }) => name)
  const made = names.map((name) =>
    (columns[table]?.[name] ?? `"${name}"`).replace(':s', `${offset}`).replace(':k', `${copy}`),
  )
  const into = names.map((name) => `"${name}"`).join(', ')
  database.exec(`INSERT INTO "${table}" (${into}) SELECT ${made.join(', ')} FROM "${table}" WHERE id < ${below}`)
}
