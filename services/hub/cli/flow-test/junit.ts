import type { CaseResult } from './result.ts'

/** Results as JUnit XML: one suite a file, which build servers show. */
export function junitOf(results: readonly CaseResult[]): string {
  const files = Map.groupBy(results, ({ file }) => file)
  const failed = results.filter(({ ok }) => !ok).length
  const suites = [...files].map(([file, cases]) => suiteOf(file, cases)).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites tests="${results.length}" failures="${failed}" time="${secondsOf(results)}">\n${suites}</testsuites>`
}

function suiteOf(file: string, cases: readonly CaseResult[]): string {
  const failed = cases.filter(({ ok }) => !ok).length
  const inner = cases.map((one) => caseOf(one)).join('')
  return `  <testsuite name="${escaped(file)}" tests="${cases.length}" failures="${failed}" time="${secondsOf(cases)}">\n${inner}  </testsuite>\n`
}

function caseOf({ flow, name, ok, seconds, lines }: CaseResult): string {
  const head = `    <testcase classname="${escaped(flow)}" name="${escaped(name)}" time="${seconds.toFixed(3)}"`
  if (ok) return `${head}/>\n`
  return `${head}>\n      <failure message="${escaped(lines[0] ?? '')}">${escaped(lines.join('\n'))}</failure>\n    </testcase>\n`
}

const secondsOf = (cases: readonly CaseResult[]): string =>
  cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3)

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

// Characters XML 1.0 cannot hold at all.
// oxlint-disable-next-line no-control-regex
const IMPOSSIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

function escaped(text: string): string {
  return text.replace(IMPOSSIBLE, '\ufffd').replace(/[&<>"]/g, (sign) => entities[sign] ?? sign)
}
