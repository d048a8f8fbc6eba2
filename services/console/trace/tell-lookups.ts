import { Day, isDecimal, isRecord, type Value } from '@shuniu/contracts'
import type { TableRow } from '@shuniu/infra/config'
import type { TraceGround } from './find.ts'
import { entriesOf, type Entry } from './journal.ts'
import type { Line, Teller } from './teller.ts'

/** A row of a table as a version names it. */
interface Named {
  readonly table: string
  readonly row: TableRow
}

/** What a run looked up, with the version of each row it rests on. `at`: the commit that kept it. */
export async function tellLookUps(journal: string, at: number, teller: Teller): Promise<Line[]> {
  const entries = entriesOf(journal).filter(({ kind }) => kind === 'look-up')
  const rows = entries.length > 0 ? rowsByVersion(teller.ground) : new Map<string, Named>()
  const lines: Line[] = []
  for (const entry of entries) lines.push(await tellOne(entry, at, rows, teller))
  return lines
}

function rowsByVersion({ tables }: TraceGround): Map<string, Named> {
  const rows = tables.shapes.flatMap(({ name }) =>
    tables.rows(name).map((row): [string, Named] => [row.version, { table: name, row }]),
  )
  return new Map(rows)
}

async function tellOne(entry: Entry, at: number, rows: ReadonlyMap<string, Named>, teller: Teller): Promise<Line> {
  const answer = shown(entry.answer)
  const { path: step, version = '' } = entry
  const found = rows.get(version)
  const table = found && { table: found.table, keys: found.row.keys }
  const text = found ? ofTable(found, answer, version, teller) : await ofElse(entry, answer, teller)
  return { at, what: 'look-up', text, facts: { step, answer, version, ...table } }
}

function ofTable({ table, row }: Named, answer: string, version: string, { say }: Teller): string {
  const key = row.keys.join(' / ')
  return say(
    `Table ${table}: ${key} → ${answer} (row version ${version}).`,
    `查映射表 ${table}：${key} → ${answer}（行版本 ${version}）。`,
  )
}

async function ofElse({ path, answer: value, version = '' }: Entry, answer: string, teller: Teller): Promise<string> {
  const { say, ground } = teller
  if (value instanceof Day) return say(`Booking date ${answer} (${version}).`, `记账日期 ${answer}（${version}）。`)
  const pair = /^\d{1,15}$/.test(version) ? await ground.store.get('crosswalk', Number(version)) : undefined
  if (pair && pair.to_id === answer)
    return say(
      `Crosswalk ${pair.kind}: ${pair.from_connection} ${pair.from_id} → ${pair.to_connection} ${answer}.`,
      `查对照 ${pair.kind}：${pair.from_connection} ${pair.from_id} → ${pair.to_connection} ${answer}。`,
    )
  return say(
    `Looked up at ${path}: ${answer} (row version ${version}; the row has changed since).`,
    `在 ${path} 查得 ${answer}（行版本 ${version}，该行此后已变更）。`,
  )
}

function shown(value: Value): string {
  if (isDecimal(value)) return value.toFixed()
  if (!isRecord(value)) return Array.isArray(value) ? String(value.length) : String(value)
  return Object.entries(value)
    .map(([name, member]) => `${name}=${shown(member)}`)
    .join(' ')
}
