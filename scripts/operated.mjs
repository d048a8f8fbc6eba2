// What those who run the hub are given, made of one declaration each: alert rules, their runbook, dashboards.
import { alerts } from '../deploy/prometheus/alerts.mjs'
import { dashboards } from '../deploy/grafana/dashboards.mjs'

const runbooks = {
  en: {
    path: 'docs/runbooks/alerts.md',
    head: '# When an alert fires\n\nOne section for each alert of `deploy/prometheus/rules.yml`.\n',
    parts: { expr: 'Fires when', for: 'for', impact: 'What it means', first: 'First', next: 'Then' },
  },
  zh: {
    path: 'docs/runbooks/alerts.zh-CN.md',
    head: '# 告警触发时\n\n`deploy/prometheus/rules.yml` 中的每条告警一节。\n',
    parts: { expr: '触发条件', for: '持续', impact: '意味着什么', first: '先做', next: '再做' },
  },
}

/** Pages as [path, text]. */
export function operatedFiles() {
  return [
    ['deploy/prometheus/rules.yml', rules()],
    ...Object.keys(runbooks).map((language) => [runbooks[language].path, runbook(language)]),
    ...Object.entries(dashboards()).map(([name, board]) => [
      `deploy/grafana/${name}.json`,
      `${JSON.stringify(board, undefined, 2)}\n`,
    ]),
  ]
}

function rules() {
  const head = '# Made of alerts.mjs: npm run generate\ngroups:\n  - name: shuniu\n    rules:\n'
  return head + alerts.map(rule).join('')
}

function rule({ alert, expr, for: lasting, severity, summary, impact, first }) {
  const annotations = {
    summary: summary.en,
    summary_zh: summary.zh,
    impact: impact.en,
    impact_zh: impact.zh,
    next_step: first.en,
    next_step_zh: first.zh,
    runbook_url: `${runbooks.en.path}#${alert.toLowerCase()}`,
    runbook_url_zh: `${runbooks.zh.path}#${alert.toLowerCase()}`,
  }
  return [
    `      - alert: ${alert}`,
    `        expr: ${quoted(expr)}`,
    `        for: ${lasting}`,
    '        labels:',
    `          severity: ${severity}`,
    '        annotations:',
    ...Object.entries(annotations).map(([name, text]) => `          ${name}: ${quoted(text)}`),
    '',
  ].join('\n')
}

/** As YAML's single-quoted text, or in double quotes where that needs no escape. */
const quoted = (text) => (text.includes("'") && !/["\\]/.test(text) ? `"${text}"` : `'${text.replaceAll("'", "''")}'`)

function runbook(language) {
  const { head, parts } = runbooks[language]
  const sections = alerts.map(
    ({ alert, expr, for: lasting, severity, summary, ...says }) =>
      `\n## ${alert}\n\n${plain(summary[language])} (${severity})\n\n- **${parts.expr}** \`${expr}\`, ${parts.for} ${lasting}.\n` +
      ['impact', 'first', 'next'].map((part) => `- **${parts[part]}**: ${plain(says[part][language])}\n`).join(''),
  )
  return head + sections.join('')
}

/** Prometheus' places as a reader sees them: ‹connection›. */
const plain = (text) => text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '‹$1›').replaceAll(/\{\{ \$value[^}]*\}\}/g, 'N')
