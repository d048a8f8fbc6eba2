import { Day } from '@shuniu/contracts'
import type { TableRow, TableShape } from '@shuniu/infra/config'
import { z } from 'zod'
import { actor, text } from './input.ts'
import type { Tables } from './ports.ts'

const day = z.iso.date().meta({ description: 'A day, half-open: `to` no longer counts' })

export const tableShape = z.object({
  name: z.string(),
  keys: z.array(z.string()),
  values: z.array(z.string()),
  dated: z.boolean().meta({ description: 'Rows count between two days' }),
})
export const tableList = z.object({ items: z.array(tableShape.extend({ rows: z.int() })) })
export const oneTable = tableShape.extend({
  rows: z.array(
    z.object({
      keys: z.array(z.string()),
      values: z.record(z.string(), z.string()),
      from: day.optional(),
      to: day.optional(),
      version: z.string(),
    }),
  ),
})
export const tableParams = z.strictObject({ name: text('Name of the table') })
export const tableSetBody = z.strictObject({
  keys: z.array(text('Key', 1_000)).min(1).max(20),
  values: z.record(z.string().max(200), z.string().max(10_000)),
  from: day.optional(),
  to: day.optional(),
  actor,
})

export function listTables(tables: Tables): z.output<typeof tableList> {
  return { items: tables.shapes.map((shape) => ({ ...shown(shape), rows: tables.rows(shape.name).length })) }
}

/** A table with all its rows. Throws `table.unknown`. */
export function showTable(tables: Tables, { name }: z.output<typeof tableParams>): z.output<typeof oneTable> {
  const rows = tables.rows(name).map(rowShown)
  const shape = tables.shapes.find((one) => one.name === name)
  return { ...(shape ? shown(shape) : { name, keys: [], values: [], dated: false }), rows }
}

/** Writes one row into the table's file; runs that wait for exactly this row go on. */
export async function setTableRow(
  tables: Tables,
  { name, keys, values, from, to, actor: who }: z.output<typeof tableParams> & z.output<typeof tableSetBody>,
): Promise<z.output<typeof oneTable>> {
  await tables.set(name, { keys, values, from: dayOf(from), to: dayOf(to) }, who)
  return showTable(tables, { name })
}

const dayOf = (given: string | undefined): Day | undefined => (given === undefined ? undefined : Day.parse(given))

function shown({ name, keys, values, dated }: TableShape): z.output<typeof tableShape> {
  return { name, keys: [...keys], values: [...values], dated }
}

function rowShown({ keys, values, from, to, version }: TableRow): z.output<typeof oneTable>['rows'][number] {
  const days = { ...(from ? { from: from.text } : {}), ...(to ? { to: to.text } : {}) }
  return { keys: [...keys], values: { ...values }, version, ...days }
}
