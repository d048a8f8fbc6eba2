import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { HubError } from '@shuniu/contracts'
import { unpackValue } from '@shuniu/infra/json'
import type { Store } from '@shuniu/infra/store'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { unpackMemory } from './detail.ts'
import { LeftOver } from './left-over.ts'
import { House, start } from './test-house.ts'
import { push } from './test-office.ts'

const flags = ['--conditions=@shuniu/source', '--experimental-transform-types', '--no-warnings', '--input-type=module']
const program = fileURLToPath(new URL('test-life.ts', import.meta.url))

/** One life in a process of its own: the signal it died of, and what it printed. */
async function oneLife(folder: string): Promise<{ signal: string | null; said: string }> {
  const code = `const { live } = await import(${JSON.stringify(program)}); await live(${JSON.stringify(folder)})`
  const child = spawn(process.execPath, [...flags, '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = text(child.stdout)
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return { signal, said: await said }
}

test('what kills the hub is parked after three starts, and nothing beside it', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-lives-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const deaths: (string | null)[] = []
  let said = ''
  while (said === '' && deaths.length < 7) {
    const one = await oneLife(folder)
    deaths.push(one.signal)
    said = one.said
  }
  expect(deaths).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGKILL', null])
  const story = JSON.parse(said) as string[]
  expect(story.filter((line) => !line.endsWith(' published'))).toEqual(['event-A4 parked poison'])
  expect(story).toHaveLength(14)
})

describe('what an earlier life has left', () => {
  let house: House
  beforeEach(async () => void (house = await House.open()))
  afterEach(() => house.close())

  test('is not blamed for deaths of other causes, however often it was under way', async () => {
    for (const id of ['A', 'B', 'C']) house.office.agree(id, start)
    const open = house.office.close()
    await house.receive('A', 'B', 'C')
    for (let death = 0; death < 8; death++) {
      await house.reopen()
      await house.clock.advance(0)
    }
    const lives = (await house.receipts()).map(({ detail }) => String(Object(unpackValue(detail ?? '{}')).lives))
    expect(lives).toEqual(['2', '2', '2'])
    open()
    await house.clock.advance(11_000)
    await house.until(() => house.ingress.state().waiting === 0)
    expect(await house.story()).toEqual(['event-A published', 'event-B published', 'event-C published'])
  })

  /** Each with a second push, and none of them an approval that the office knows: read again later. */
  const many = Array.from({ length: 70 }, (_, at) => `H${at}`)
  const pushes = (ids: readonly string[], event = 'event') => ids.map((id, at) => push(id, { event: `${event}-${at}` }))
  const receive = (handed: ReturnType<typeof pushes>) => house.ingress.receive('office-main', 'push', handed)

  test.each([
    ['many that are put off', pushes(many), []],
    ['many that wait behind those that are put off', pushes(many), pushes(many, 'second')],
    ['many of one document', [], pushes(many.map(() => 'H'))],
  ])('is written down although it came after %s', async (_, putOff, waiting) => {
    await house.reopen({ waiting: 1_000 })
    await receive(putOff)
    await house.quiet()
    house.office.close()
    await receive([...waiting, push('Z')])
    await house.reopen()
    await house.clock.advance(0)
    const z = (await house.receipts()).find(({ subject }) => subject === 'Z')
    expect(unpackMemory(z?.detail ?? null).lives).toBe(1)
  })

  test('is written down at the next attempt when the disk was full at the first', async () => {
    await house.receive('A')
    const [receipt] = await house.receipts()
    if (!receipt) throw new Error('no receipt')
    let isFull = true
    const commit: Store['commit'] = (changes) => {
      if (isFull) return Promise.reject(new HubError('store.full'))
      return house.store.commit(changes)
    }
    const leftOver = new LeftOver({ commit }, 64)
    leftOver.takeUp(receipt)
    await expect(leftOver.attempt(receipt, [], () => Promise.resolve('ended'))).rejects.toThrow(HubError)
    isFull = false
    expect(leftOver.has(receipt)).toBe(true)
  })

  test('is innocent again once an attempt has come to an end, even if only to be made again', async () => {
    await house.receive('A')
    await house.quiet()
    for (let life = 0; life < 8; life++) {
      await house.reopen()
      await house.clock.advance(20_000)
      await house.quiet()
    }
    const [receipt] = await house.receipts()
    expect([receipt?.state, receipt?.detail?.includes('lives')]).toEqual(['received', false])
  })
})
