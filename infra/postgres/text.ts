/**
 * PostgreSQL keeps no U+0000 in text, and what vendors send may hold one. Such a text is written with U+0001 as a mark:
 * U+0000 as U+0001 U+0001, and U+0001 itself as U+0001 U+0002. Texts stay different from each other and in the same order
 * (columns are compared by bytes), so that conditions and unique lists mean what they mean everywhere.
 */
export function toText(value: string): string {
  return marked.test(value) ? value.replaceAll('\u0001', '\u0001\u0002').replaceAll('\u0000', '\u0001\u0001') : value
}

/** What `toText` was given. */
export function fromText(text: string): string {
  return text.includes('\u0001') ? text.replaceAll(pairs, (pair) => (pair[1] === '\u0001' ? '\u0000' : '\u0001')) : text
}

// oxlint-disable-next-line no-control-regex
const marked = /[\u0000\u0001]/
// oxlint-disable-next-line no-control-regex
const pairs = /\u0001[\u0001\u0002]/g
