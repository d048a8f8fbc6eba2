import type { Change } from '../store/port.ts'
import { identityOf } from '../store/sql.ts'

/**
 * The order in which the changes of a commit are applied: theirs, but updates by id and upserts that stand together, which
 * do not see each other, are put in the order of their rows. So two commits that change the same rows take them alike.
 */
export function inOrder(changes: readonly Change[]): number[] {
  const order: number[] = []
  let together: { readonly at: number; readonly row: string }[] = []
  let kind: string | undefined
  const close = (): void => {
    order.push(...together.toSorted((a, b) => (a.row < b.row ? -1 : Number(a.row > b.row))).map(({ at }) => at))
    together = []
  }
  changes.forEach((change, at) => {
    const place = placeOf(change)
    if (place?.kind !== kind) close()
    kind = place?.kind
    if (place) together.push({ at, row: place.row })
    else order.push(at)
  })
  close()
  return order
}

/** The one row that a change is about; changes of the same kind may change places. The sort keeps those of one row in order. */
function placeOf(change: Change): { readonly kind: string; readonly row: string } | undefined {
  if ('update' in change) {
    const { id }: Readonly<Record<string, unknown>> = change.where
    return typeof id === 'number' ? { kind: `update ${change.update}`, row: String(id).padStart(16, '0') } : undefined
  }
  if (!('upsert' in change)) return undefined
  const row: Readonly<Record<string, unknown>> = change.row
  return {
    kind: `upsert ${change.upsert}`,
    row: JSON.stringify(identityOf(change.upsert).map((column) => row[column])),
  }
}
