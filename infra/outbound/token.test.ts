import { describe, expect, it } from 'vitest'
import { SimulatedClock, seededRandom } from '../time/index.ts'
import { tokenCache, type FetchedToken, type TokenCache } from './index.ts'

interface Bed {
  readonly clock: SimulatedClock
  readonly cache: TokenCache
  /** Fetches under way, in order; the test answers them. */
  readonly fetches: PromiseWithResolvers<FetchedToken>[]
}

function bed(): Bed {
  const clock = new SimulatedClock(0)
  const fetches: PromiseWithResolvers<FetchedToken>[] = []
  const fetch = (): Promise<FetchedToken> => {
    const answer = Promise.withResolvers<FetchedToken>()
    fetches.push(answer)
    return answer.promise
  }
  return { clock, fetches, cache: tokenCache({ clock, random: seededRandom(7), fetch }) }
}

/** A cache that holds this token, valid for 100 s. */
async function holding(token: string): Promise<Bed> {
  const held = bed()
  const got = held.cache.get()
  held.fetches[0]?.resolve({ token, expiresIn: 100_000 })
  await got
  return held
}

describe('the token cache', () => {
  it('fetches once for 100 who ask at the same time', async () => {
    const { cache, fetches } = bed()
    const all = Array.from({ length: 100 }, () => cache.get())
    expect([fetches.length, cache.ready()]).toEqual([1, false])
    fetches[0]?.resolve({ token: 'a', expiresIn: 100_000 })
    expect(new Set(await Promise.all(all))).toEqual(new Set(['a']))
    expect([await cache.get(), fetches.length, cache.ready()]).toEqual(['a', 1, true])
  })

  it('tells everybody who waits that the fetch failed, and fetches again for the next', async () => {
    const { cache, fetches } = bed()
    const all = Promise.allSettled([cache.get(), cache.get()])
    fetches[0]?.reject(new Error('wrong secret'))
    expect((await all).map((one) => one.status)).toEqual(['rejected', 'rejected'])
    const again = cache.get()
    fetches[1]?.resolve({ token: 'b', expiresIn: 1000 })
    expect(await again).toBe('b')
  })

  it('renews between 72 % and 80 % of its life, without anybody waiting', async () => {
    const { clock, cache, fetches } = await holding('a')
    await clock.advance(71_999)
    expect([await cache.get(), fetches.length]).toEqual(['a', 1])
    await clock.advance(8_001)
    expect([await cache.get(), await cache.get(), fetches.length]).toEqual(['a', 'a', 2])
    fetches[1]?.resolve({ token: 'b', expiresIn: 100_000 })
    await clock.advance(0)
    expect([await cache.get(), fetches.length]).toEqual(['b', 2])
  })

  it('serves the old token on while a renewal fails, and tries again after a pause', async () => {
    const { clock, cache, fetches } = await holding('a')
    await clock.advance(80_000)
    await cache.get()
    fetches[1]?.reject(new Error('503'))
    await clock.advance(4_999)
    expect([await cache.get(), fetches.length]).toEqual(['a', 2])
    await clock.advance(1)
    expect([await cache.get(), fetches.length]).toEqual(['a', 3])
  })

  it('never hands out an expired token', async () => {
    const { clock, cache, fetches } = await holding('a')
    await clock.advance(100_000)
    expect(cache.ready()).toBe(false)
    const next = cache.get()
    fetches[1]?.resolve({ token: 'b', expiresIn: 1000 })
    expect(await next).toBe('b')
  })

  it('drops a refused token, but not the newer one', async () => {
    const { cache, fetches } = await holding('a')
    cache.drop('a')
    expect(cache.ready()).toBe(false)
    const next = cache.get()
    cache.drop('a')
    fetches[1]?.resolve({ token: 'b', expiresIn: 100_000 })
    await next
    cache.drop('a')
    expect([await cache.get(), fetches.length]).toEqual(['b', 2])
  })
})
