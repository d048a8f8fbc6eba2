import { version } from '../version.ts'
import type { SaidProblem } from './problems.ts'

/** Problems as SARIF 2.1.0, which code review pages and editors read. */
export function sarifOf(problems: readonly SaidProblem[]): object {
  const rules = [...new Map(problems.map(({ code, help }) => [code, { id: code, help: { text: help } }])).values()]
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'shuniu lint', version, rules } }, results: problems.map(resultOf) }],
  }
}

function resultOf({ severity, code, message, place }: SaidProblem): object {
  const locations = place && [
    {
      physicalLocation: {
        artifactLocation: { uri: place.file },
        region: { startLine: place.line, startColumn: place.column },
      },
    },
  ]
  return { ruleId: code, level: severity, message: { text: message }, ...(locations ? { locations } : {}) }
}
