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

/** Part of the queries of lists in which much is of no concern to people. */
export const allAsked = z
  .enum(['true', 'false'])
  .default('false')
  .meta({ description: 'true: also what came in and was nobody’s concern' })

/** Items, the newest first; `next` says that there may be more. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next: z.string().optional(),
    leftOut: z
      .int()
      .optional()
      .meta({ description: 'Between these items, but nobody’s concern: `all=true` shows them' }),
  })

export interface Page<T> {
  readonly items: readonly T[]
  readonly next?: string
  readonly leftOut?: number
}

/** Rows looked at in one go where some are left out: these are read whole. */
const sifted = 500
/** Rows passed over in one go, and in one request: a search without an index never holds up the hub. */
const stretch = 5_000
const mostStretches = 40

/**
 * One page of rows, newest first. `indexed` says that an index answers `where`. Without one the table is passed over in
 * stretches, with room for other work between them; a page may then come back short, with `next` to go on from.
 * Rows of which `keep` says false are counted and left out.
 */
export async function newest<T extends TableName>(
  store: Store,
  table: T,
  where: Where<T>,
  { limit, cursor }: PageAsk,
  indexed: boolean,
  keep?: (row: Row<T>) => boolean,
): Promise<Page<Row<T>>> {
  if (!keep && (indexed || Object.keys(where).length === 0)) {
    const rows = await below(store, table, where, { limit: limit + 1, cursor })
    return rows.length > limit ? cut(rows.slice(0, limit)) : { items: rows }
  }
  const passed: Row<T>[] = []
  const wanted = (): Row<T>[] => passed.filter(keep ?? (() => true))
  const size = keep ? sifted : stretch
  let end = cursor ?? (await beyond(store, table))
  for (let turn = 0; turn < mostStretches && end > 1; turn++) {
    const rest = keep ? size : limit - passed.length
    passed.push(...(await below(store, table, where, { limit: rest, cursor: end }, end - size)))
    if (wanted().length >= limit) return withLeftOut(cut(wanted().slice(0, limit)), passed)
    end -= size
    await breathe()
  }
  return withLeftOut({ items: wanted(), ...(end > 1 ? { next: String(end) } : {}) }, passed)
}

/** Only what stands before the place where the next page goes on. */
function withLeftOut<R extends { readonly id: number }>(page: Page<R>, passed: readonly R[]): Page<R> {
  const until = Number(page.next ?? 0)
  const leftOut = passed.filter(({ id }) => id >= until).length - page.items.length
  return leftOut > 0 ? { ...page, leftOut } : page
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
export function mapPage<A, B>({ items, ...rest }: Page<A>, to: (item: A) => B): Page<B> {
  return { ...rest, items: items.map(to) }
}
