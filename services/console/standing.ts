import { isRecord, parkReasons, type Language, type ParkReason, type Value, type ValueRecord } from '@shuniu/contracts'
import { unpackValue } from '@shuniu/infra/json'
import { maskText } from '@shuniu/infra/telemetry'

/** Why a run or a receipt stands where it stands, as its row keeps it. */
export interface Standing {
  /** For a person; personal data masked. */
  readonly message: string
  readonly step?: string
  readonly code?: string
  /** Reference of the effect it is about. */
  readonly effect?: string
  readonly facts?: ValueRecord
}

/** The row's `detail` in one language; undefined when it holds no message. */
export function standingOf(detail: string | null, language: Language): Standing | undefined {
  const kept = unpackRecord(detail)
  const { message } = kept
  const words = isRecord(message) ? message[language] : undefined
  if (typeof words !== 'string') return undefined
  const { step, code, effect, facts } = kept
  return {
    message: maskText(words),
    ...(typeof step === 'string' ? { step } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof effect === 'string' ? { effect } : {}),
    ...(isRecord(facts) ? { facts } : {}),
  }
}

/** What `packValue` wrote into a column, as a record; empty when there is none. */
export function unpackRecord(text: string | null): ValueRecord {
  const value: Value = text === null ? null : unpackValue(text)
  return isRecord(value) ? value : {}
}

export function parkReasonOf(reason: string | null): ParkReason {
  return parkReasons.find((one) => one === reason) ?? 'human'
}

/** A row's time as the API says it. */
export function timeOf(ms: number): string
export function timeOf(ms: number | null): string | undefined
export function timeOf(ms: number | null): string | undefined {
  return ms === null ? undefined : new Date(ms).toISOString()
}
