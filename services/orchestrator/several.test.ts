import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { onPostgres, startPostgres, type PostgresServer } from '@shuniu/infra/postgres/fixtures'
import { Crew, type Member } from './test-crew.ts'
import { payment, withdrawal } from './test-payments.ts'

const { isMissing, suite } = onPostgres('several orchestrators on one PostgreSQL')

describe.skipIf(isMissing)(suite, () => {
  let server: PostgresServer
  let crew: Crew
  let schemas = 0
  beforeAll(async () => void (server = await startPostgres()), 60_000)
  afterAll(() => server.stop())
  beforeEach(async () => void (crew = await Crew.open(server.url, `crew_${++schemas}`)))
  afterEach(() => crew.close(), 30_000)

  const keys = (count: number): string[] => Array.from({ length: count }, (_, at) => `A-${at}`)
  const append = (count: number): Promise<void> => crew.append(...keys(count).map((key) => payment(key)))
  const allAre = async (word: string, count: number): Promise<boolean> => {
    const runs = await crew.runs()
    return runs.length === count && runs.every((run) => run === word)
  }
  const vouchers = (): number => crew.books.ours('voucher').length
  const share = ({ ownership }: Member): number => ownership.held().length
  const effects = async (): Promise<string[]> => (await crew.rows('effects')).map((row) => String(row['state']))

  test('share the work, and no document is made twice', async () => {
    const [one, two] = [await crew.join('boot-1'), await crew.join('boot-2')]
    await crew.until(() => share(one) === 32 && share(two) === 32)
    crew.books.latency = () => 1_000
    await append(40)
    await crew.until(() => crew.books.sends.length > 8, 10_000, 50)
    // Each has in hand what is its own.
    expect(one.orchestrator.state().open + two.orchestrator.state().open).toBeLessThanOrEqual(40)
    await crew.until(() => allAre('flow done', 40))
    expect([vouchers(), new Set(crew.books.sends).size, crew.books.sends.length]).toEqual([40, 40, 40])
  }, 120_000)

  test('what one was sending when it was frozen is in doubt at the other, and its late answer settles it', async () => {
    const one = await crew.join('boot-1')
    crew.books.latency = () => 1_000
    await append(1)
    await crew.until(() => crew.books.sends.length === 1, 10_000, 50)
    one.breath.freeze()
    await crew.expire(one)
    // Whoever takes over cannot look: only the answer that comes late can tell it.
    crew.books.weather = (operation) => (operation.endsWith('look-up') ? 'lose' : undefined)
    const two = await crew.join('boot-2')
    await crew.until(async () => (await effects()).includes('in doubt'))
    expect(share(two)).toBe(64)
    await crew.until(() => crew.books.looks.length > 2)
    one.breath.thaw()
    await crew.until(() => allAre('flow done', 1))
    const traces = (await crew.rows('traces')).map((row) => String(row['what']))
    expect(traces).toContain('answered late')
    expect([vouchers(), crew.books.sends.length]).toEqual([1, 1])
  }, 120_000)

  test('what was not sent yet when it was frozen is sent by the other alone, when its absence is shown', async () => {
    const one = await crew.join('boot-1')
    one.breath.freezeAfter = (changes) => changes.some((change) => 'insert' in change && change.insert === 'effects')
    await append(1)
    await crew.until(() => one.breath.isFrozen, 10_000, 50)
    await crew.expire(one)
    await crew.join('boot-2')
    await crew.until(async () => (await effects()).includes('in doubt'))
    await crew.world.pass(3_000)
    one.breath.thaw()
    await crew.until(() => allAre('flow done', 1), 600_000, 2_000)
    expect([vouchers(), crew.books.sends.length]).toEqual([1, 1])
  }, 120_000)

  test('two that take over at once do not get in each other’s way', async () => {
    const one = await crew.join('boot-1')
    crew.books.latency = () => 1_000
    await append(20)
    await crew.until(() => crew.books.sends.length > 4, 10_000, 50)
    await crew.kill(one)
    await Promise.all([crew.join('boot-2'), crew.join('boot-3')])
    await crew.until(() => allAre('flow done', 20))
    expect([vouchers(), crew.books.sends.length]).toEqual([20, 20])
  }, 120_000)

  test('a planned hand-over leaves nothing in doubt', async () => {
    const one = await crew.join('boot-1')
    crew.books.latency = () => 3_000
    await append(20)
    await crew.until(() => crew.books.sends.length > 4, 10_000, 50)
    const two = await crew.join('boot-2')
    await crew.until(() => share(two) === 32)
    await one.leave()
    await crew.until(() => allAre('flow done', 20))
    expect([vouchers(), crew.books.sends.length]).toEqual([20, 20])
    expect(crew.books.looks.filter((look) => look.startsWith('voucher.save'))).toEqual([])
  }, 120_000)

  test('a withdrawal that meets its payment on the way leaves no document standing', async () => {
    const [one, two] = [await crew.join('boot-1'), await crew.join('boot-2')]
    await crew.until(() => share(one) === 32 && share(two) === 32)
    crew.books.latency = () => 200
    await append(12)
    await crew.until(() => crew.books.sends.length > 2, 10_000, 20)
    await crew.append(...keys(12).map((key) => withdrawal(key)))
    await crew.until(async () => {
      const runs = await crew.runs()
      return runs.length === 24 && runs.every((run) => /done|skipped/.test(run))
    }, 60_000)
    expect(crew.books.ours('reversal').length).toBe(vouchers())
    expect(vouchers()).toBeGreaterThan(0)
  }, 120_000)

  test('what a person decides at one goes on at the other', async () => {
    const [one, two] = [await crew.join('boot-1'), await crew.join('boot-2')]
    await crew.until(() => share(one) === 32 && share(two) === 32)
    crew.books.closed.add('2026-03')
    for (let month = 4; month <= 12; month++) crew.books.closed.add(`2026-${String(month).padStart(2, '0')}`)
    await append(6)
    await crew.until(
      async () => (await crew.runs()).every((run) => run.startsWith('flow parked')) && (await crew.runs()).length === 6,
    )
    crew.books.closed.clear()
    const [first, second] = await crew.rows('runs')
    const decision = { actor: 'ann', reason: 'open again' }
    for (const row of await crew.rows('runs')) await two.orchestrator.parking.retry(Number(row['id']), decision)
    await crew.until(() => allAre('flow done', 6))
    expect([first?.['state'], second?.['state'], vouchers()]).toEqual(['parked', 'parked', 6])
  }, 120_000)

  test('members come and go, are frozen and killed, and every payment has one voucher', async () => {
    crew.books.latency = () => 300
    let current = [await crew.join('boot-0')]
    for (let round = 1; round <= 4; round++) {
      await crew.append(...keys(8).map((key) => payment(`${round}-${key}`)))
      await crew.world.pass(400)
      const joined = await crew.join(`boot-${round}`)
      const [first] = current
      if (first && round % 3 === 0) await crew.kill(first)
      else if (first && round % 3 === 1) await first.leave()
      else if (first) {
        first.breath.freeze()
        await crew.expire(first)
        await crew.world.pass(5_000)
        first.breath.thaw()
      }
      current = round % 3 === 2 ? [...current, joined] : [...current.slice(1), joined]
    }
    await crew.until(() => allAre('flow done', 32), 900_000)
    expect(vouchers()).toBe(32)
  }, 120_000)
})
