import { readFileSync, readdirSync } from 'node:fs'

/** One call and its answer, as recorded in the fact sheets. */
export interface Exchange {
  readonly request: {
    readonly url: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body: unknown
  }
  readonly response: {
    readonly status?: number
    readonly headers?: Readonly<Record<string, string | readonly string[]>>
    readonly body?: unknown
  }
}

const folder = new URL('./facts/samples/', import.meta.url)

/** Names of all recorded samples. */
export const sampleNames: readonly string[] = readdirSync(folder).toSorted()

/** The exchanges of one sample, for tests. */
export function sampleOf(name: string): readonly Exchange[] {
  const { exchanges }: { exchanges: readonly Exchange[] } = JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
  return exchanges
}

/** The failure envelope of kingdee.md §3. */
export function refusal(msgCode: number, words: string): object {
  const Errors = [{ FieldName: null, Message: words, DIndex: 0 }]
  const status = { ErrorCode: 500, IsSuccess: false, Errors, SuccessEntitys: [], SuccessMessages: [], MsgCode: msgCode }
  return { Result: { ResponseStatus: status } }
}
