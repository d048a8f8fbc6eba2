// Markdown tables and generated parts of pages, for the scripts that write documentation from declarations.

/** Undefined when there is no row. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`
  return rows.length === 0 ? undefined : [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ')

/** Text in which nothing is a tag. */
export function plain(text) {
  return text.replaceAll('<', '&lt;')
}

/** The page with what stands between `<!-- generated: name -->` and `<!-- end -->` made anew, for every name given. */
export function withParts(page, parts, path) {
  return Object.entries(parts).reduce((text, [name, part]) => {
    const begin = `<!-- generated: ${name} -->`
    const from = text.indexOf(begin)
    const to = text.indexOf('<!-- end -->', from)
    if (from === -1 || to === -1) throw new Error(`${path} has no place for ${begin} … <!-- end -->`)
    return `${text.slice(0, from)}${begin}\n\n${part}\n\n${text.slice(to)}`
  }, page)
}
