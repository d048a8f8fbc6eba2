import { languages, type Language } from '@shuniu/contracts'

/** The language of an answer: `?lang=` before `Accept-Language` before the project's own. */
export function languageOf(asked: unknown, accepted: unknown, fallback: Language): Language {
  const wanted = [asked, ...(typeof accepted === 'string' ? accepted.split(',') : [])]
  for (const one of wanted) {
    const tag = typeof one === 'string' ? one.trim().toLowerCase().split(/[-_;]/)[0] : undefined
    const known = languages.find((language) => language === tag)
    if (known) return known
  }
  return fallback
}

/** Chooses between the two languages of one sentence. */
export type Say = (en: string, zh: string) => string

export function sayIn(language: Language): Say {
  return (en, zh) => (language === 'zh' ? zh : en)
}
