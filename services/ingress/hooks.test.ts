import { HubError } from '@shuniu/contracts'
import type { Store } from '@shuniu/infra/store'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { incomingHook } from './door.ts'
import { largestBody, type IncomingHook } from './hooks.ts'
import { House, payments, start } from './test-house.ts'

const body = (content: object): Uint8Array => Buffer.from(JSON.stringify(content))

function request(more: Partial<IncomingHook> = {}): IncomingHook {
  return {
    connection: 'office-main',
    hook: 'callback',
    method: 'POST',
    query: { token: 'main' },
    headers: {},
    body: body({ event: 'E1', id: 'A', result: 'agree' }),
    ...more,
  }
}

/** The answer to the first commit is lost, before or after it was made. */
function losing(store: Store, lost: 'early' | 'late'): Store {
  let left = 1
  return {
    ...store,
    async commit(changes) {
      if (left-- <= 0) return store.commit(changes)
      if (lost === 'late') await store.commit(changes)
      throw new HubError('store.unknown', { database: 'test' })
    },
  }
}

describe('a hook', () => {
  let house: House
  beforeEach(async () => void (house = await House.open()))
  afterEach(() => house.close())
  const answer = (more?: Partial<IncomingHook>) => house.ingress.hooks.answer(request(more))

  test('acknowledges only what is durable, in the words of the vendor', async () => {
    expect(await answer()).toEqual({ status: 200, headers: {}, body: 'success' })
    await house.reopen()
    expect((await house.receipts()).map(({ key, origin }) => [key, origin])).toEqual([['E1', 'push']])
  })

  test.each<[string, 'early' | 'late']>([
    ['was not made', 'early'],
    ['was made', 'late'],
  ])('does not acknowledge a commit of which nobody knows; it %s, and is understood all the same', async (_, lost) => {
    house.office.agree('A', start)
    await house.reopen({ between: (store) => losing(store, lost) })
    expect(await answer()).toMatchObject({ status: 503, body: '' })
    if (lost === 'early') expect(await answer()).toMatchObject({ status: 200 })
    await house.until(async () => (await house.story()).join() === 'E1 published')
    expect(await house.events()).toHaveLength(1)
  })

  test('answers an honest repeat the same way and adds nothing', async () => {
    await answer()
    expect(await answer()).toMatchObject({ status: 200, body: 'success' })
    expect(await house.receipts()).toHaveLength(1)
  })

  test('answers other content under the same id the same way and keeps it for a person', async () => {
    await answer()
    expect(await answer({ body: body({ event: 'E1', id: 'A', result: 'refuse' }) })).toMatchObject({ status: 200 })
    const [, second] = await house.receipts()
    expect([second?.state, second?.reason]).toEqual(['parked', 'conflict'])
  })

  test('answers what the vendor asks only to test the address, without a receipt', async () => {
    expect(await answer({ body: body({ event: 'check' }) })).toMatchObject({ status: 200, body: 'success' })
    expect(await house.receipts()).toEqual([])
  })

  test.each([
    ['a wrong signature', { query: { token: 'other' } }, 401],
    ['no signature', { query: {} }, 401],
    ['an unknown connection', { connection: 'nobody' }, 404],
    ['an unknown hook', { hook: 'nothing' }, 404],
    ['the name of something every object has', { connection: '__proto__', hook: 'constructor' }, 404],
    ['a hook that the settings do not ask for', { hook: 'unwanted' }, 404],
    ['a body one byte too large', { body: new Uint8Array(largestBody + 1) }, 413],
    ['a compressed body', { headers: { 'content-encoding': 'gzip' } }, 415],
    ['what makes the connector stumble', { body: Buffer.from('<xml/>') }, 500],
  ])('refuses %s with its status and not a word more', async (_, more, status) => {
    expect(await answer(more)).toEqual({ status, headers: {}, body: '' })
    expect(await house.receipts()).toEqual([])
  })

  test.each(['anything', '', 'callback'])('has no addresses below it, such as %j', async (below) => {
    const { body: posted } = request()
    const url = `/hooks/office-main/callback/${below}?token=main`
    const incoming = incomingHook({ method: 'POST', url, headers: {} }, posted)
    expect(await house.ingress.hooks.answer(incoming)).toMatchObject({ status: 404 })
    expect(await house.receipts()).toEqual([])
  })

  test('asks to come back later when too many wait, and tells when', async () => {
    await house.reopen({ waiting: 1 })
    house.office.close()
    await answer()
    const refused = await answer({ body: body({ event: 'E2', id: 'B', result: 'agree' }) })
    expect(refused).toEqual({ status: 503, headers: { 'retry-after': '5' }, body: '' })
    expect(await house.receipts()).toHaveLength(1)
  })

  test('writes a line a second at most about strangers, however many they are', async () => {
    for (let at = 0; at < 50; at++) await answer({ query: {} })
    await house.clock.advance(1_000)
    await answer({ query: {} })
    expect(house.reported).toEqual(['ingress.refused', 'ingress.refused {"omitted":49}'])
  })

  test('is reached under the name the vendor knows after the connection was renamed', async () => {
    await house.reopen({ yaml: payments.replace('connector: office', 'connector: office\nformerly: office-old') })
    expect(await answer({ connection: 'office-old' })).toMatchObject({ status: 200 })
    expect(await answer()).toMatchObject({ status: 200 })
    expect((await house.receipts()).map(({ connection }) => connection)).toEqual(['office-old'])
  })
})

describe('a request to a hook', () => {
  const asked = (url: string): IncomingHook => incomingHook({ method: 'POST', url, headers: {} }, new Uint8Array())

  test('is taken apart as it came', () => {
    expect(asked('/hooks/office-main/callback/a%2Fb/c?token=main&nonce=a%2Bb+c')).toMatchObject({
      connection: 'office-main',
      hook: 'callback/a%2Fb/c',
      query: { token: 'main', nonce: 'a+b c' },
    })
  })

  test('with a parameter that comes twice counts as one without it', () => {
    expect(asked('/hooks/a/b?token=x&nonce=1&token=main&token=x').query).toEqual({ nonce: '1' })
  })

  test.each(['/hooks/../api/v1/runs', '/hooks//', '/hooks', '/hooks/%2e%2e/x'])(
    'at %s reaches no connection',
    (url) => {
      expect(asked(url).connection).not.toBe('api')
    },
  )
})
