import { expect, test, vi } from 'vitest'
import { finished, post, sealed, verdict } from './push.ts'
import { rigFor } from './rig.ts'
import { request, wire } from './wire.ts'

vi.setConfig({ testTimeout: 60_000 })

const hook = '/hooks/dingtalk-main/callback'

/** Bytes one by one, for longer than anybody waits. */
const dribble = (text: string): string[] => [...text.slice(0, -3), ...Array<string>(60).fill('a')]

test('A13 whoever sends a byte a second is cut off after 10 s, and holds up nobody', async (context) => {
  const rig = await rigFor(context)
  const heads = Array.from({ length: 50 }, () => wire(rig.hub.url, dribble(request(`POST ${hook}`)), { every: 1_000 }))
  const start = request(`POST ${hook}`, ['Content-Type: application/json', 'Content-Length: 100000'])
  const bodies = Array.from({ length: 50 }, () =>
    wire(rig.hub.url, [start, ...dribble(request('GET /'))], { every: 1_000 }),
  )
  const silent = Array.from({ length: 50 }, () => wire(rig.hub.url, []))
  const began = Date.now()
  const push = sealed(finished({ id: 'none', number: '1' }, { type: 'start' }))
  expect(await verdict(await post(rig.hub, push))).toBe('200 success')
  expect(Date.now() - began).toBeLessThan(2_000)
  for (const { after } of await Promise.all([...heads, ...bodies, ...silent])) {
    expect(after).toBeGreaterThan(8_000)
    expect(after).toBeLessThan(15_000)
  }
})
