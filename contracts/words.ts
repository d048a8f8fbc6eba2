/** The closed lists of the hub (design: words). Code, docs, metrics and pages use these words and no synonyms. */

export const receiptStates = ['received', 'published', 'skipped', 'parked'] as const
export type ReceiptState = (typeof receiptStates)[number]

export const runStates = ['queued', 'running', 'waiting', 'parked', 'done', 'skipped'] as const
export type RunState = (typeof runStates)[number]

export const effectStates = [
  'prepared',
  'sending',
  'in doubt',
  'accepted',
  'confirmed',
  'rejected',
  'given up',
] as const
export type EffectState = (typeof effectStates)[number]

export const parkReasons = [
  'unmapped',
  'check-failed',
  'invalid',
  'rejected',
  'period-closed',
  'conflict',
  'duplicate',
  'in-doubt',
  'deleted-in-target',
  'poison',
  'journal-mismatch',
  'connection',
  'human',
] as const
export type ParkReason = (typeof parkReasons)[number]

/** What a target can promise about our reference: A it enforces it, B it can be looked up, C neither. */
export const grades = ['A', 'B', 'C'] as const
export type Grade = (typeof grades)[number]

/** How a failed call is treated; one table per connector says which answer is which. */
export const failureClasses = ['transient', 'throttled', 'auth', 'invalid', 'duplicate', 'ambiguous', 'fatal'] as const
export type FailureClass = (typeof failureClasses)[number]

/** A text in the two languages of the user. */
export interface Text {
  readonly en: string
  readonly zh: string
}
export const languages = ['en', 'zh'] as const
export type Language = (typeof languages)[number]
