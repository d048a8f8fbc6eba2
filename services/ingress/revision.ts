import type { Change, Row, Store } from '@shuniu/infra/store'
import type { SourceDocument } from '@shuniu/sdk'

/** The revision of a document, and what has to be in the commit that publishes it. */
export interface GivenRevision {
  readonly revision: number
  readonly changes: readonly Change[]
}

/**
 * The first document is revision 1. A change gets 1 + the changes agreed up to it, or the next number that is free; a
 * revocation carries the highest one agreed so far. Both are given once and never computed again. When another document of
 * the chain takes the same number at the same moment, the commit is refused, and the revision has to be asked for anew.
 */
export async function revisionOf(store: Store, connection: string, document: SourceDocument): Promise<GivenRevision> {
  if (document.kind === 'new') return { revision: 1, changes: [] }
  const given = await store.select('revisions', { connection, root: document.root })
  const own = given.find((row) => row.document === document.id)
  if (own) return { revision: own.revision, changes: [] }
  const taken = given.filter(({ kind }) => kind === 'modify').map(({ revision }) => revision)
  const revision = document.kind === 'modify' ? nextFree(document, taken) : highest(document, taken)
  return { revision, changes: changesOf(connection, document, revision) }
}

/** 1 is the first document's own. */
function nextFree({ agreedChanges }: SourceDocument, taken: readonly number[]): number {
  let revision = 1 + Math.max(1, agreedChanges)
  while (taken.includes(revision)) revision++
  return revision
}

function highest({ agreedChanges }: SourceDocument, taken: readonly number[]): number {
  return Math.max(1 + agreedChanges, ...taken)
}

function changesOf(connection: string, document: SourceDocument, revision: number): Change[] {
  const { root, id, kind } = document
  const others = kind === 'modify' ? revision : { above: revision }
  const row: Omit<Row<'revisions'>, 'id'> = { connection, root, document: id, kind, revision }
  return [
    { expect: 'revisions', where: { connection, root, kind: 'modify', revision: others }, none: true },
    { insert: 'revisions', row, ifAbsent: true },
  ]
}
