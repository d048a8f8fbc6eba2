import { hash } from 'node:crypto'
import { HubError } from '@shuniu/contracts'
import { hash52, type NewRow, type Row } from '@shuniu/infra/store'
import type { Handed } from '@shuniu/sdk'
import { detailOf } from './detail.ts'

/** How a receipt came to us. */
export const origins = ['push', 'stream', 'poll', 'sweep'] as const
export type Origin = (typeof origins)[number]

/** Somebody pushed it and waits; a sweep could have found it at any time. */
export function isUrgent(origin: string): boolean {
  return origin === 'push' || origin === 'stream'
}

export type Receipt = Row<'receipts'>
export type NewReceipt = NewRow<'receipts'>

/** Receipts of one document have the same; they are normalised one after the other. */
export function subjectHash(connection: string, source: string, subject: string): number {
  return hash52(connection, source, subject)
}

/** The row of what was handed over. Without a key of the vendor, the hash of the body is the key. */
export function newReceipt(connection: string, origin: Origin, handed: Handed, now: number): NewReceipt {
  // The store writes UTF-8: half a surrogate pair would come back as another character and look like another content.
  const subject = handed.subject.toWellFormed()
  const body = handed.body.toWellFormed()
  const key = handed.key?.toWellFormed() ?? hash('sha256', body, 'hex')
  return {
    connection,
    source: handed.source,
    origin,
    form: handed.form?.toWellFormed() ?? null,
    subject,
    subject_hash: subjectHash(connection, handed.source, subject),
    key,
    key_hash: hash52(key),
    born_at: handed.bornAt ?? null,
    received_at: now,
    body,
    state: 'received',
    final: 0,
    attempts: 0,
  }
}

type Identified = Pick<Receipt, 'connection' | 'source' | 'subject' | 'key' | 'body'>

/** The same thing handed over again. Hashes only find rows; this compares them in full. */
export function isRepeat(one: Identified, other: Identified): boolean {
  return (
    one.key === other.key &&
    one.subject === other.subject &&
    one.body === other.body &&
    one.source === other.source &&
    one.connection === other.connection
  )
}

/** What the key of other content ends with. */
const otherContent = ({ body }: Pick<Receipt, 'body'>): string => `#${hash('sha256', body, 'hex')}`

/** Whether it was kept beside a first one, as `conflicting` does; vendors' own keys may hold any character. */
export const isConflicting = (receipt: Pick<Receipt, 'key' | 'body'>): boolean =>
  receipt.key.endsWith(otherContent(receipt))

/** Different content under a key that is taken: kept under a key of its own, for a person. */
export function conflicting(receipt: NewReceipt): NewReceipt {
  const key = receipt.key + otherContent(receipt)
  const detail = detailOf(new HubError('ingress.other-content', { key: receipt.key }))
  return { ...receipt, key, key_hash: hash52(key), state: 'parked', reason: 'conflict', detail }
}

/** What a connector gets to read, as it was handed over. */
export function handedOf(receipt: Receipt): Handed {
  const { source, key, subject, form, born_at, body } = receipt
  return {
    source,
    key,
    subject,
    body,
    ...(form === null ? {} : { form }),
    ...(born_at === null ? {} : { bornAt: born_at }),
  }
}
