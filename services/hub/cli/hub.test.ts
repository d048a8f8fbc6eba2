import { appendFileSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startSimulator, type RunningSimulator } from '@shuniu/sdk/simulator'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { findSimulators } from '../connectors.ts'
import { main } from './main.ts'
import { copyOfExample, shuniu, temporaryFolder, testHost, type Ran, type TestHost } from './testing.ts'

/** The example project on both simulators, started and asked as a person does it. */
const project = copyOfExample()
const folder = temporaryFolder()
const simulators: Record<string, RunningSimulator> = {}
let environment: Record<string, string> = {}
let hub: { readonly host: TestHost; readonly ended: Promise<number>; readonly url: string }

beforeAll(async () => {
  const table = join(project.path, 'tables/department.csv')
  writeFileSync(table, readFileSync(table, 'utf8').replace('587120345,D03\n', ''))
  for (const [name, definition] of await findSimulators()) {
    simulators[name] = await startSimulator(definition, { data: join(folder.path, name) })
  }
  environment = { DINGTALK_URL: simulators['dingtalk']?.url ?? '', KINGDEE_URL: simulators['kingdee']?.url ?? '' }
  hub = await started('hub')
})

afterAll(async () => {
  hub.host.pressStop()
  await hub.ended
  await Promise.all(Object.values(simulators).map((one) => one.close()))
  for (const one of [project, folder]) one.remove()
})

async function started(data: string, ...more: string[]): Promise<typeof hub> {
  const host = testHost({ environment })
  const flags = ['--project', project.path, '--data', join(folder.path, data), '--port', '0', '--log-level', 'error']
  const ended = main(['start', ...flags, ...more], host)
  await vi.waitFor(() => expect(host.said.out).toContain('ready '), { timeout: 15_000 })
  return { host, ended, url: /^ready (http:\S+)\n$/.exec(host.said.out)?.[1] ?? '' }
}

const ask = (...argv: string[]): Promise<Ran> =>
  shuniu(argv, { environment: { ...environment, SHUNIU_HUB: hub.url, USER: 'lin' } })
const asked = async (...argv: string[]): Promise<unknown> => JSON.parse((await ask(...argv, '--json')).out)

async function act(name: string, input: object): Promise<{ id: string; number: string }> {
  const answer = await fetch(`${simulators['dingtalk']?.url}/_sim/acts/${name}`, {
    method: 'POST',
    body: JSON.stringify(input),
  })
  return (await answer.json()) as { id: string; number: string }
}

/** Resolves when the run of this number is in the state. */
async function settled(number: string, state: string): Promise<void> {
  const states = async (): Promise<string[]> => {
    const { items } = (await asked('runs', '--number', number)) as { items: { state: string }[] }
    return items.map((item) => item.state)
  }
  await expect.poll(states, { timeout: 15_000 }).toEqual([state])
}

describe('a running hub', () => {
  test('says its address on stdout and nothing else', () => {
    expect(hub.host.said.out).toBe(`ready ${hub.url}\n`)
  })

  test('tells the story of an approval by its number, its voucher and its reference', { timeout: 30_000 }, async () => {
    const { number } = await act('approved-payment', { seed: 1, department: '市场部' })
    await settled(number, 'done')
    const { items } = (await asked('effects', '--number', number)) as {
      items: { reference: string; documentNumber?: string; operation: string }[]
    }
    const voucher = items.find(({ operation }) => operation === 'voucher.save')
    const [{ at = '' } = {}] = ((await asked('trace', number)) as { story: { at: string }[] }).story
    const stories = await Promise.all(
      [number, voucher?.documentNumber ?? '', voucher?.reference ?? ''].map((one) => ask('trace', one)),
    )
    for (const { code, out } of stories) {
      expect(code).toBe(0)
      expect(out).toContain(number)
      expect(out).toContain(`Confirmed as ${voucher?.documentNumber}`)
      expect(out).toMatch(/^\S+ {2}\(times in Asia\/Shanghai\)\n/)
      // The example's zone is 8 h ahead of the API, which is in UTC.
      expect(out).toContain(new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' '))
    }
  })

  test('shows what waits for a person, and a person decides with a reason', { timeout: 30_000 }, async () => {
    const { number } = await act('approved-payment', {
      seed: 2,
      lines: [{ category: '差旅费', amount: '10.00' }],
      amount: '11.00',
    })
    await settled(number, 'parked')
    const list = await ask('park', 'list', '--lang', 'zh')
    expect(list.out).toContain('明细合计与付款金额不一致')
    const { id, reason, actions } = (await asked('park', 'show', number)) as {
      id: number
      reason: string
      actions: string[]
    }
    expect([reason, actions]).toEqual(['check-failed', ['retry', 'drop']])
    const dropped = await ask('park', 'drop', `run:${id}`, '--reason', 'entered twice')
    expect([dropped.code, dropped.out]).toEqual([0, `run ${id} is now skipped.\n`])
    expect((await ask('park', 'drop', String(id), '--reason', 'again')).err).toContain('park.not-parked')
    expect((await ask('park', 'show', number)).err).toContain('cli.not-parked')
  })

  test('takes a row of a table, and the run that waits for it goes on', { timeout: 30_000 }, async () => {
    const { number } = await act('approved-payment', { seed: 3, department: '研发部' })
    await settled(number, 'parked')
    const set = await ask('tables', 'set', 'department', '587120345', 'D03')
    expect([set.code, set.out]).toEqual([0, 'department: 587120345 → D03\n'])
    await settled(number, 'done')
    expect((await ask('tables', 'show', 'department')).out).toContain('587120345  D03')
  })

  test('is whole: status ends with 0 and shows no gap', async () => {
    const { code, out } = await ask('status', '--recount')
    expect(code).toBe(0)
    expect(out).toMatch(/receipts \(recounted\).* 0$/m)
  })

  test('compares the month, and a voucher that somebody deleted is a finding', { timeout: 30_000 }, async () => {
    const period = new Date().toISOString().slice(0, 7)
    const { number, id } = await act('approved-payment', { seed: 4, department: '市场部' })
    await settled(number, 'done')
    const { vouchers } = (await asked('reconcile', '--period', period)) as { vouchers: number }
    expect(vouchers).toBeGreaterThan(0)
    const { items } = (await asked('effects', '--number', number)) as {
      items: { document?: string; operation: string }[]
    }
    const document = items.find(({ operation }) => operation === 'voucher.save')?.document
    await fetch(`${simulators['kingdee']?.url}/_sim/acts/delete-voucher`, {
      method: 'POST',
      body: JSON.stringify({ id: document }),
    })
    const { code, out } = await ask('reconcile', '--period', period)
    expect([code, id.length > 0]).toEqual([1, true])
    expect(out).toContain(number)
  })

  test('replay shows first what exists, and that is no failure; nothing of it is done twice', async () => {
    const { code, out } = await ask('replay', '--flow', 'payment-to-voucher')
    expect(code).toBe(0)
    expect(out).toContain('记-2')
    const again = await ask('replay', '--flow', 'payment-to-voucher', '--apply', '--reason', 'to be sure')
    expect([again.code, again.out]).toEqual([0, expect.stringMatching(/^0 of \d+ events/)])
  })

  test('keeps pairs of ids', async () => {
    expect((await ask('crosswalk', 'set', 'project', 'dingtalk-main:P:1', 'kingdee-main:X9')).code).toBe(0)
    expect((await ask('crosswalk', 'list', '--kind', 'project')).out).toContain('dingtalk-main:P:1  kingdee-main:X9')
  })

  test('writes a copy of its data', async () => {
    const { code, out } = await ask('backup', join(folder.path, 'copy.db'))
    expect([code, out]).toEqual([0, expect.stringMatching(/copy\.db: \d+ bytes/)])
    const again = await ask('backup', join(folder.path, 'copy.db'))
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('backup.exists')])
  })

  test('takes changed files into use without a restart', { timeout: 30_000 }, async () => {
    const file = join(project.path, 'flows/payment-to-voucher.yaml')
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, before.replace('summary: 付款', 'summary: 支付'))
    const planned = await ask('plan', '--project', project.path)
    expect([planned.code, planned.out]).toEqual([2, expect.stringContaining('flows/payment-to-voucher.yaml')])
    const applied = await ask('apply', '--reason', 'another word', '--project', project.path)
    expect([applied.code, applied.out]).toEqual([0, planned.out])
    expect((await ask('plan', '--project', project.path)).code).toBe(0)
    const audit = await ask('status', '--json')
    expect(JSON.parse(audit.out)).toMatchObject({ epoch: 2 })
  })

  test('checks, discovers and samples its connections', { timeout: 30_000 }, async () => {
    const checked = await ask('connection', 'check', 'kingdee-main')
    expect(checked.out).toContain('✓')
    expect(checked.out).toMatch(/^Forecast of a month with 50 documents a day .*: \d+ calls$/m)
    expect(checked.out).toMatch(/^Used this month so far: \d+$/m)
    expect((await ask('connection', 'discover', 'dingtalk-main')).out).toContain('付款申请')
    const { events } = (await asked('connection', 'sample', 'dingtalk-main')) as { events: { type: string }[] }
    expect(events[0]?.type).toBe('approval.payment.approved')
  })

  test('is asked at the port of its project, and never by the command of another project', async () => {
    const port = new URL(hub.url).port
    const other = copyOfExample()
    onTestFinished(() => other.remove())
    appendFileSync(join(other.path, 'hub.yaml'), `\nport: ${port}\n`)
    const own = { SHUNIU_HUB: '', SHUNIU_PORT: port, SHUNIU_PROJECT: project.path }
    expect((await shuniu(['runs', '--json'], { environment: own })).code).toBe(0)
    const foreign = { SHUNIU_HUB: '', SHUNIU_PROJECT: other.path }
    const refused = await shuniu(['park', 'drop', 'run:1', '--reason', 'x'], { environment: foreign })
    expect([refused.code, refused.out]).toEqual([69, ''])
    expect(refused.err).toContain('api.other-project')
    expect(refused.err).toContain(realpathSync(project.path))
    expect((await shuniu(['runs', '--json', '--hub', hub.url], { environment: foreign })).code).toBe(0)
    const set = await shuniu(['tables', 'set', 'department', '4711', 'D9'], { environment: foreign })
    expect(set.err).toContain('No hub of this project')
    expect(readFileSync(join(other.path, 'tables/department.csv'), 'utf8')).toContain('4711,D9')
    expect(readFileSync(join(project.path, 'tables/department.csv'), 'utf8')).not.toContain('4711')
  })

  test('refuses a second hub on its data', async () => {
    const flags = ['--project', project.path, '--data', join(folder.path, 'hub'), '--port', '0']
    const { code, out, err } = await shuniu(['start', ...flags], { environment })
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('store.owned')
  })

  test('refuses a port that is taken', async () => {
    const flags = ['--project', project.path, '--data', join(folder.path, 'other'), '--port', new URL(hub.url).port]
    const { code, err } = await shuniu(['start', ...flags], { environment })
    expect(code).toBe(1)
    expect(err).toContain('cli.cannot-listen')
  })
})

test('a hub in resync mode is ready to receive, and a person ends the mode', async () => {
  const { host, ended, url } = await started('resync', '--resync')
  const ready = async (): Promise<unknown[]> => {
    const [plain, verbose] = [await fetch(`${url}/readyz`), await fetch(`${url}/readyz?verbose=true`)]
    return [plain.status, await verbose.json()]
  }
  expect(await ready()).toMatchObject([200, { ready: true, notReady: [] }])
  const resync = async (): Promise<unknown> =>
    ((await (await fetch(`${url}/api/v1/status`)).json()) as { resync: boolean }).resync
  expect(await resync()).toBe(true)
  const close = ['resync', 'close', '--reason', 'the books agree']
  expect((await shuniu(close, { environment: { SHUNIU_HUB: url } })).code).toBe(0)
  expect(await resync()).toBe(false)
  const again = await shuniu(close, { environment: { SHUNIU_HUB: url } })
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('api.not-in-resync')])
  host.pressStop()
  await ended
})

test('the first Ctrl-C stops a hub, which ends with 0', async () => {
  const { host, ended } = await started('short')
  host.pressStop()
  expect(await ended).toBe(0)
  expect(host.said.err).toContain('Stopping')
})

test('the second Ctrl-C ends it at once', async () => {
  const { host, ended } = await started('shorter')
  host.pressStop()
  host.pressStop()
  expect(host.exits).toContain(130)
  await ended
})

test('a project with errors is not started, and every error has its place', async () => {
  const { code, out, err } = await shuniu(['start', '--project', project.path, '--data', join(folder.path, 'none')])
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain('connections/dingtalk-main.yaml:5:13')
  expect(err).toContain('connections/kingdee-main.yaml:5:15')
})

test('--dry counts what the first sweep would bring in, and starts nothing', async () => {
  const flags = ['--project', project.path, '--data', join(folder.path, 'none'), '--dry', '--json']
  const { code, out } = await shuniu(['start', ...flags], { environment })
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ documents: expect.any(Number), forms: [{ connection: 'dingtalk-main' }, {}] })
})

test('which lines of its log a running hub writes is shown and changed', async () => {
  expect((await ask('log', 'level', 'vendor')).out).toMatch(/^vendor +error\n$/)
  expect((await ask('log', 'level', 'vendor', 'debug')).out).toMatch(/^vendor +debug$/m)
  expect(await asked('log', 'level')).toMatchObject({ level: 'error' })
  expect((await ask('log', 'level', 'vendor', 'inherit')).out).toMatch(/^vendor +error$/m)
  expect((await ask('log', 'level', 'vendor', 'loud')).code).not.toBe(0)
})
