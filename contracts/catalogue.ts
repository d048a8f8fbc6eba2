import type { Text } from './words.ts'

/** One entry: HTTP status, the sentence (what, where) and the help (what to do). `{name}` places are parameters. */
export interface CatalogueEntry {
  readonly status: number
  readonly message: Text
  readonly help: Text
}

const entry = (status: number, en: string, zh: string, helpEn: string, helpZh: string): CatalogueEntry => ({
  status,
  message: { en, zh },
  help: { en: helpEn, zh: helpZh },
})

/**
 * Every failure code of the hub, in one table. A code is `area.what-is-wrong`, stable for ever.
 * A connector's own codes stand in its declaration, with its name as the area.
 */
export const catalogue = {
  // —— programming and surprises
  'internal.bug': entry(
    500,
    'Something unexpected happened: {what}.',
    '发生了意外情况：{what}。',
    'Nothing was lost. Report it with the log line.',
    '数据没有丢失。请附上日志反馈给我们。',
  ),
} as const satisfies Record<string, CatalogueEntry>

export type ErrorCode = keyof typeof catalogue
