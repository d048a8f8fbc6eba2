import type { Traces } from '@shuniu/infra/telemetry'
import type { SourceDocument } from '@shuniu/sdk'
import type { NewReceipt, Receipt } from './receipt.ts'

type Told = Pick<Receipt, 'subject' | 'connection' | 'origin'>

/** What the spans of a receipt say of it. */
export function spanOf(traces: Traces, { subject, connection, origin }: Told) {
  // The document's own id is that of the whole transaction, except for one that changes an earlier one.
  return {
    under: traces.origin(subject),
    attributes: { 'shuniu.connection': connection, 'shuniu.origin': origin },
  }
}

/** Tells of a receipt that is on disk. */
export function tellReceived(traces: Traces, receipt: NewReceipt, since: number): void {
  traces.tell('receive', { ...spanOf(traces, receipt), kind: 'server', since })
}

/**
 * Tells of an event that is made of a document, and gives its place for the envelope. The event of a document's first form is
 * the origin itself: what everything about it stands under.
 */
export function tellPublished(traces: Traces, type: string, document: SourceDocument, receipt: Receipt): string {
  const { root, kind } = document
  const origin = traces.origin(root)
  const attributes = { 'shuniu.connection': receipt.connection, 'shuniu.event_type': type }
  const since = receipt.received_at
  if (kind === 'new') traces.tell(type, { under: origin, isOrigin: true, attributes, since })
  const { here } = traces
  const place = root === receipt.subject ? {} : { under: origin, links: here === undefined ? [] : [here] }
  return traces.tell('publish', { ...place, kind: 'producer', attributes, since }).traceparent
}
