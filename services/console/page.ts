import type { Row, Store, TableName, Where } from '@shuniu/infra/store'
import { z } from 'zod'
import { breathe } from './stretches.ts'

/** Part of every list's query. The cursor is the `next` of the page before. */
export const pageAsks = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(500))
    .default(100)
    .meta({ description: 'At most so many items, up to 500', type: 'string' }),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .optional()
    .meta({ description: '`next` of the page before', type: 'string' }),
}

export interface PageAsk {
  readonly limit: number
  readonly cursor?: number | undefined
}

/** Items, the newest first; `next` says that there may be more. */
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().optional() })

export interface Page<T> {
  readonly items: readonly T[]
  readonly next?: string
}

/** Rows passed over in one go, and in one request: a search without an index never holds up the hub. */
const stretch = 5_000
const mostStretches = 40

/**
 * One page of rows, newest first. `indexed` says that an index answers `where`. Without one the table is passed over in
 * stretches, with room for other work between them; a page may then come back short, with `next` to go on from.
 */
export async function newest<T extends TableName>(
  store: Store,
  table: T,
  where: Where<T>,
  { limit, cursor }: PageAsk,
  indexed: boolean,
): Promise<Page<Row<T>>> {
  if (indexed || Object.keys(where).length === 0) {
    const rows = await below(store, table, where, { limit: limit + 1, cursor })
    return rows.length > limit ? cut(rows.slice(0, limit)) : { items: rows }
  }
  const found: Row<T>[] = []
  let end = cursor ?? (await beyond(store, table))
  for (let turn = 0; turn < mostStretches && end > 1; turn++) {
    const rest = limit - found.length
    const rows = await below(store, table, where, { limit: rest, cursor: end }, end - stretch)
    found.push(...rows)
    if (rows.length === rest) return cut(found)
    end -= stretch
    await breathe()
  }
  return end > 1 ? { items: found, next: String(end) } : { items: found }
}

function below<T extends TableName>(
  store: Store,
  table: T,
  where: Where<T>,
  { limit, cursor }: PageAsk,
  from = 0,
): Promise<Row<T>[]> {
  const id = { above: from - 1, ...(cursor === undefined ? {} : { below: cursor }) }
  return store.select(table, { ...where, id }, { order: { by: 'id', down: true }, limit })
}

/** The id that the next row will have, or a larger one. */
async function beyond(store: Store, table: TableName): Promise<number> {
  const [last] = await store.select(table, {}, { order: { by: 'id', down: true }, limit: 1 })
  return (last?.id ?? 0) + 1
}

function cut<R extends { readonly id: number }>(rows: R[]): Page<R> {
  return { items: rows, next: String(rows.at(-1)?.id ?? 0) }
}

/** The items of a page in another form. */
export function mapPage<A, B>({ items, next }: Page<A>, to: (item: A) => B): Page<B> {
  return { items: items.map(to), ...(next === undefined ? {} : { next }) }
}
