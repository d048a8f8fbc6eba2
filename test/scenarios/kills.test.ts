import { describe, expect, test, vi } from 'vitest'
import { pause } from '../processes/pause.ts'
import { act } from './append.ts'
import { ChildRig } from './child.ts'
import { finished, post, sealed, verdict } from './push.ts'
import { amounts, asked, live, patience, vouchers } from './seen.ts'
import type { Strike } from './strike.ts'

vi.setConfig({ testTimeout: 90_000, maxConcurrency: 10 })

const hooks = '/hooks/dingtalk-main/callback'
const detail = '/v1.0/workflow/processInstances?'
const save = 'DynamicFormService.Save'

interface Named {
  readonly id: string
  readonly number: string
}
const approve = ({ systems }: ChildRig, push = true): Promise<Named> =>
  act(systems.dingtalk.url, 'approved-payment', { seed: 1, department: '市场部', push })

/** Every start also sweeps, so that an approval may have been met twice. */
const understood = (rig: ChildRig): boolean =>
  rig.receipts().length > 0 && rig.receipts().every((state) => state === 'published' || state === 'skipped')

describe('kill -9', () => {
  test.concurrent.for<[Strike['at'], string[]]>([
    ['arrival', []],
    ['answer', ['received']],
  ])('of the hub at the %s of a push: its repeat is taken, and there is one voucher', async ([at, kept], context) => {
    const rig = await ChildRig.for(context)
    const push = sealed(finished(await approve(rig, false)))
    rig.arm({ at, path: hooks, signal: 'SIGKILL' })
    await expect(post(rig.hub, push)).rejects.toThrow()
    await rig.hub.end()
    expect(rig.receipts()).toEqual(kept)
    await rig.start()
    expect(await verdict(await post(rig.hub, push))).toBe('200 success')
    await context.expect.poll(() => rig.runs(), patience).toEqual(['flow done'])
    expect([understood(rig), vouchers(rig.systems).length]).toEqual([true, 1])
  })

  test.concurrent('while a receipt is understood: it is understood by the next hub', async (context) => {
    const rig = await ChildRig.for(context)
    const push = sealed(finished(await approve(rig, false)))
    rig.arm({ at: 'answered', path: detail, signal: 'SIGKILL' })
    expect(await verdict(await post(rig.hub, push))).toBe('200 success')
    await rig.rise()
    await context.expect.poll(() => rig.runs(), patience).toEqual(['flow done'])
    expect([understood(rig), vouchers(rig.systems).length]).toEqual([true, 1])
  })

  test.concurrent.for<[Strike['at'], string, number]>([
    ['call', 'before a save is written', 2],
    ['sent', 'when a save has been written', 1],
    ['answered', 'when a save has been answered and not noted', 1],
  ])('%s, %s: one voucher', async ([at, , sends], context) => {
    const rig = await ChildRig.for(context)
    rig.arm({ at, path: save, signal: 'SIGKILL' })
    await approve(rig)
    await rig.rise()
    await context.expect.poll(() => rig.runs(), patience).toEqual(['flow done'])
    expect(live(rig.systems)).toHaveLength(1)
    expect(rig.data.rows("SELECT state, sends FROM effects WHERE kind = 'money'")).toEqual([
      { state: 'confirmed', sends },
    ])
    expect(await asked(rig.systems.kingdee, 'voucher.save')).toHaveLength(1)
  })

  test.concurrent.for<[Strike['at'], string]>([
    ['call', 'before a reversal is written'],
    ['sent', 'when a reversal has been written'],
  ])('%s, %s: reversed once', async ([at], context) => {
    const rig = await ChildRig.for(context)
    const { id } = await approve(rig)
    await context.expect.poll(() => rig.runs(), patience).toEqual(['flow done'])
    rig.arm({ at, path: save, signal: 'SIGKILL' })
    await act(rig.systems.dingtalk.url, 'withdraw', { id })
    await rig.rise()
    await context.expect.poll(() => rig.runs(), patience).toEqual(['flow done', 'undo done'])
    const [first, second, ...others] = live(rig.systems).map((voucher) => amounts(voucher)[0]?.[0])
    expect([second, others]).toEqual([`-${first}`, []])
  })
})

describe('a hub that stands still', () => {
  test.concurrent('between its commit and the write until sendBy has passed writes nothing, and sends afresh', async (context) => {
    const rig = await ChildRig.for(context)
    rig.arm({ at: 'call', path: save, signal: 'SIGSTOP' })
    await approve(rig)
    await rig.stopped()
    const [row] = rig.data.rows<{ state: string; sentAt: number }>('SELECT state, sent_at AS sentAt FROM effects')
    expect(row?.state).toBe('sending')
    await pause(2_500)
    const thawed = Date.now()
    rig.hub.signal('SIGCONT')
    await context.expect.poll(() => rig.runs(), patience).toEqual(['flow done'])
    const saves = await asked(rig.systems.kingdee, 'voucher.save')
    expect([saves.length, live(rig.systems).length]).toEqual([1, 1])
    const [sent] = rig.data.rows<{ sentAt: number }>("SELECT sent_at AS sentAt FROM effects WHERE kind = 'money'")
    expect(sent?.sentAt).toBeGreaterThanOrEqual(thawed)
    expect((saves[0]?.arrivedMs ?? 0) - (sent?.sentAt ?? 0)).toBeLessThan(2_500)
  })

  test.concurrent('keeps its data: a second hub is refused at once, and takes over when the first is dead', async (context) => {
    const rig = await ChildRig.for(context)
    rig.arm({ at: 'sent', path: save, signal: 'SIGSTOP' })
    await approve(rig)
    await rig.stopped()
    const began = Date.now()
    await expect(rig.launch()).rejects.toThrow(/ended with [1-9]/)
    expect(Date.now() - began).toBeLessThan(10_000)
    expect(rig.said).toContain('store.owned')
    await rig.hub.end('SIGKILL')
    await rig.start()
    await context.expect.poll(() => rig.runs(), patience).toEqual(['flow done'])
    expect(live(rig.systems)).toHaveLength(1)
  })
})
