import { SimulatedClock } from '@shuniu/infra/time'
import { describe, expect, it } from 'vitest'
import { fresh } from './fresh.ts'

const minute = 60_000

describe('look-ups that stay fresh for a while', () => {
  const asked: string[][] = []
  const clock = new SimulatedClock(0)
  const shop = (stock: Record<string, string>, good?: (item: string) => boolean) => {
    asked.length = 0
    const load = async (keys: readonly string[]) => {
      asked.push([...keys])
      return new Map(keys.flatMap((key) => (key in stock ? [[key, stock[key] ?? ''] as const] : [])))
    }
    return fresh(clock, 10 * minute, load, good)
  }

  it('callers who wait for the same keys share one read', async () => {
    const items = shop({ a: '1', b: '2' })
    const [first, second] = await Promise.all([items.get(['a', 'b']), items.get(['b', 'a', 'a'])])
    expect([...first]).toEqual([
      ['a', '1'],
      ['b', '2'],
    ])
    expect(second.get('b')).toBe('2')
    expect(asked).toEqual([['a', 'b']])
  })

  it('an item is read again after its time', async () => {
    const items = shop({ a: '1' })
    await items.get(['a'])
    await clock.advance(9 * minute)
    await items.get(['a'])
    expect(items.known('a')).toBe('1')
    await clock.advance(2 * minute)
    expect(items.known('a')).toBeUndefined()
    await items.get(['a'])
    expect(asked).toEqual([['a'], ['a']])
  })

  it('what is missing or not good is asked for again, because somebody may just have repaired it', async () => {
    const stock: Record<string, string> = { locked: 'bad' }
    const items = shop(stock, (item) => item !== 'bad')
    expect((await items.get(['locked', 'new'])).get('locked')).toBe('bad')
    Object.assign(stock, { locked: 'fine', new: 'here' })
    expect(Object.fromEntries(await items.get(['locked', 'new']))).toEqual({ locked: 'fine', new: 'here' })
  })

  it('a failed read fails for all who wait, and is not kept', async () => {
    let broken = true
    const items = fresh(clock, minute, async (keys) => {
      if (broken) throw new Error('unplugged')
      return new Map(keys.map((key) => [key, key]))
    })
    await expect(Promise.all([items.get(['a']), items.get(['a'])])).rejects.toThrow('unplugged')
    broken = false
    expect((await items.get(['a'])).get('a')).toBe('a')
  })
})
