import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startSimulator, type RunningSimulator } from '@shuniu/sdk/simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findSimulators } from '../../connectors.ts'
import { addresses, copyOfExample, shuniu, temporaryFolder, type Ran } from '../testing.ts'

const [project, folder] = [copyOfExample(), temporaryFolder()]
const simulators = new Map<string, RunningSimulator>()
let environment: Record<string, string> = {}

beforeAll(async () => {
  for (const [name, definition] of await findSimulators()) {
    simulators.set(name, await startSimulator(definition, { data: join(folder.path, name) }))
  }
  environment = {
    DINGTALK_URL: simulators.get('dingtalk')?.url ?? '',
    KINGDEE_URL: simulators.get('kingdee')?.url ?? '',
  }
  await fetch(`${environment['DINGTALK_URL']}/_sim/acts/approved-payment`, { method: 'POST', body: '{"seed":7}' })
})

afterAll(async () => {
  await Promise.all([...simulators.values()].map((one) => one.close()))
  for (const one of [project, folder]) one.remove()
})

const connection = (...argv: string[]): Promise<Ran> =>
  shuniu(['connection', ...argv, '--project', project.path], { environment })

test('without a hub a connection is checked from the project', async () => {
  const { code, out } = await connection('check', 'kingdee-main', '--lang', 'zh')
  expect(out).toContain('✓')
  expect(out).not.toContain('✗')
  expect(code).toBe(0)
})

test('a check ends with the forecast of a month against the quota', async () => {
  const file = join(project.path, 'connections/dingtalk-main.yaml')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('limits: {', 'limits: { perMonth: 1500,'))
  const { code, out } = await connection('check', 'dingtalk-main', '--per-day', '10')
  const { forecast } = JSON.parse((await connection('check', 'dingtalk-main', '--json')).out) as {
    forecast: { documentsPerDay: number; perMonth: number }
  }
  writeFileSync(file, text)
  expect(code).toBe(0)
  expect(out).toMatch(/^Forecast of a month with 10 documents a day .*: \d+ calls, \d+ % of the 1500 allowed$/m)
  expect(out).toMatch(/^ +300 {2}approvals read$/m)
  expect(forecast).toMatchObject({ documentsPerDay: 50, perMonth: 1500 })
  expect((await connection('check', 'dingtalk-main', '--per-day', 'many')).err).toContain('usage.bad-value')
})

test('with SHUNIU_LOG_LEVEL=debug every call is told', async () => {
  const debugging = { ...environment, SHUNIU_LOG_LEVEL: 'debug' }
  const argv = ['connection', 'check', 'kingdee-main', '--project', project.path]
  const { err } = await shuniu(argv, { environment: debugging })
  expect(err).toMatch(/"code":"vendor\.call","connection":"kingdee-main","operation":"login","class":"ok","status":200/)
  expect((await connection('check', 'kingdee-main')).err).not.toContain('vendor.call')
})

test('a missing permission is a finding with what to do, and ends with 1', async () => {
  await fetch(`${environment['KINGDEE_URL']}/_sim/faults`, {
    method: 'POST',
    body: '{"on":"*","fault":"refuse","times":50}',
  })
  const { code } = await connection('check', 'kingdee-main')
  await fetch(`${environment['KINGDEE_URL']}/_sim/faults`, { method: 'DELETE' })
  expect(code).toBe(1)
})

test('discover --save writes the forms, and lint reads them', async () => {
  const { code, out } = await connection('discover', 'dingtalk-main', '--save')
  const file = join(project.path, 'connections/dingtalk-main.forms.yaml')
  expect([code, existsSync(file)]).toEqual([0, true])
  expect(out).toMatch(/^Forms written into connections\/dingtalk-main\.forms\.yaml: \d+\.\n$/)
  expect(readFileSync(file, 'utf8')).toContain('付款总额（元）')
  const linted = await shuniu(['lint', '--project', project.path, '--json'], { environment })
  expect(JSON.parse(linted.out)).toMatchObject({ errors: 0 })
})

test('a sample can be handed to a dry-run as it is', { timeout: 30_000 }, async () => {
  const sample = await connection('sample', 'dingtalk-main', '--last', '1')
  const { events } = JSON.parse(sample.out) as { events: { type: string; data: { approvalNo: string } }[] }
  expect(events.map(({ type }) => type)).toEqual(['approval.payment.approved'])
  expect(events[0]?.data.approvalNo).toMatch(/^\d{21}$/)
})

test('an unknown connection has its nearest name, a broken one its problems', async () => {
  expect((await connection('check', 'kingdee-man')).err).toContain('kingdee-main')
  const { code, err } = await shuniu(['connection', 'check', 'kingdee-main', '--project', project.path])
  expect(code).toBe(1)
  expect(err).toContain('connections/kingdee-main.yaml:5:15  config.missing-variable')
})

test('a system that cannot be reached is said with code and help', async () => {
  const unreachable = { ...addresses }
  const { code, err } = await shuniu(['connection', 'discover', 'kingdee-main', '--project', project.path], {
    environment: unreachable,
  })
  expect(code).toBe(1)
  expect(err).toContain('http.refused')
})
