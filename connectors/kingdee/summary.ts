const longest = 200
/** Our reference at the end of a summary. */
const REFERENCE = / ?SN[0-9A-HJKMNP-TV-Z]{26}$/
/** A document number: what a person searches for, so it must survive every cut. */
const NUMBER = /[A-Za-z0-9-]*\d{8,}[A-Za-z0-9-]*/g

/**
 * A summary as Kingdee takes it: no line breaks, tabs and quotes, at most 200 characters with `tail` as the last word. What is
 * too long is cut in the middle, but never a document number (accounting.md §10).
 */
export function cleanSummary(text: string, tail = ''): string {
  const clean = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/["'`]/g, '')
    .replace(/ {2,}/g, ' ')
    .trim()
  const room = longest - (tail === '' ? 0 : tail.length + 1)
  return [shorten(clean, room), tail].filter((part) => part !== '').join(' ')
}

/** The summary without our reference, to be carried on by a reversal. */
export function withoutReference(summary: string): string {
  return summary.replace(REFERENCE, '')
}

function shorten(text: string, room: number): string {
  if (text.length <= room) return text
  const numbers = [...new Set(text.match(NUMBER))].join(' ').slice(0, room - 3)
  const half = Math.floor((room - numbers.length - 4) / 2)
  if (half < 1) return numbers
  const head = whole(text.slice(0, half))
  const end = whole(text.slice(-half))
  const kept = numbers.split(' ').filter((number) => !head.includes(number) && !end.includes(number))
  return kept.length === 0 ? `${head}…${end}` : `${head}… ${kept.join(' ')} …${end}`
}

/** Without the half of a character that a cut may leave at an edge. */
const whole = (text: string): string => text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '')
