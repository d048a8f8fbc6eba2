import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../processes/root.ts'
import { missing, promtool, readRepository, withoutPrometheus } from './prometheus.ts'

const rules = readRepository('deploy/prometheus/rules.yml')
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name)
const inRules = join(root, 'deploy/prometheus')

describe('the alert rules', () => {
  test('say for each alert what it means and what to do, in both languages, and where more stands', () => {
    const said = rules.split('- alert: ').slice(1)
    for (const name of ['summary', 'impact', 'next_step', 'runbook_url'])
      for (const wanted of [`${name}: `, `${name}_zh: `])
        expect(
          said.filter((one) => !one.includes(`  ${wanted}`)),
          wanted,
        ).toEqual([])
  })

  test.for(['docs/runbooks/alerts.md', 'docs/runbooks/alerts.zh-CN.md'])('each have their section in %s', (path) => {
    const sections = [...readRepository(path).matchAll(/^## (\w+)$/gm)].map(([, name]) => name)
    expect(sections).toEqual(alerts)
  })

  test('each have a unit test', () => {
    const tests = readRepository('deploy/prometheus/tests/rules.yml')
    expect(alerts.filter((name) => !tests.includes(`alertname="${name}"`))).toEqual([])
  })
})

describe.skipIf(missing !== '')(`promtool${withoutPrometheus}`, () => {
  test('finds nothing wrong with the rules', () => {
    expect(promtool(['check', 'rules', '--lint-fatal', join(inRules, 'rules.yml')])).toMatchObject({ fine: true })
  })

  test('finds nothing wrong with the configuration', () => {
    expect(promtool(['check', 'config', join(inRules, 'prometheus.yml')])).toMatchObject({ fine: true })
  })

  test('sees every alert fire when it should, and not before', () => {
    const { fine, said } = promtool(['test', 'rules', join(inRules, 'tests/rules.yml')])
    expect(fine, said).toBe(true)
  })
})
