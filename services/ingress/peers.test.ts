import { SimulatedClock } from '@shuniu/infra/time'
import { beforeEach, describe, expect, test } from 'vitest'
import { freeRefusals, knownFor, mostUnfinished, Peers } from './peers.ts'

describe('an address at the door', () => {
  let clock: SimulatedClock
  let peers: Peers
  let warned: string[]
  beforeEach(() => {
    clock = new SimulatedClock(0)
    warned = []
    peers = new Peers(clock, { warn: (_, fields) => void warned.push(String(fields['because'])) })
  })

  /** So many requests, one after the other, each answered with this status: how many were let in. */
  function letIn(address: string, times: number, status: number, bytes = 0): number {
    let count = 0
    for (let at = 0; at < times; at++) {
      const end = peers.begin(address)
      if (!end) continue
      end()
      peers.answered(address, status, bytes)
      count++
    }
    return count
  }

  test.each([401, 404, 413, 400])('that is only ever refused (%i) is put off, and told why in the log', (status) => {
    expect(letIn('stranger', 10_000, status)).toBe(freeRefusals)
    expect(warned).toContain('too much that was refused')
    expect(letIn('somebody else', 1, 200)).toBe(1)
  })

  test('that was put off is heard again, a little at a time', async () => {
    letIn('stranger', 10_000, 401)
    await clock.advance(1_000)
    expect(letIn('stranger', 10_000, 401)).toBe(500)
    await clock.advance(60_000)
    expect(letIn('stranger', 10_000, 401)).toBe(freeRefusals)
  })

  test('pays more for long bodies', () => {
    expect(letIn('stranger', 10_000, 401, 1024 * 1024)).toBe(16)
  })

  test.each([200, 503, 500])('is not held to account for %i', (status) => {
    expect(letIn('vendor', 100_000, status)).toBe(100_000)
  })

  test('that handed over something genuine is never put off: strangers may stand behind the same proxy', async () => {
    letIn('proxy', 1, 200)
    expect(letIn('proxy', 10_000, 401)).toBe(10_000)
    for (let at = 0; at < 1_000; at++) expect(peers.begin('proxy')).toBeDefined()
    await clock.advance(knownFor)
    expect(peers.begin('proxy')).toBeUndefined()
  })

  test('has so many unfinished bodies at once, and more when some have come', () => {
    const ends = Array.from({ length: mostUnfinished }, () => peers.begin('slow'))
    expect(peers.begin('slow')).toBeUndefined()
    expect(peers.begin('quick')).toBeDefined()
    ends[0]?.()
    expect(peers.begin('slow')).toBeDefined()
    expect(peers.begin('slow')).toBeUndefined()
  })

  test('is forgotten when too many others have come since', () => {
    letIn('stranger', 10_000, 401)
    for (let at = 0; at < 9_999; at++) peers.begin(`other ${at}`)
    expect(peers.begin('stranger')).toBeUndefined()
    peers.begin('one more')
    expect(peers.begin('stranger')).toBeDefined()
  })
})
