import { CallFailure } from '@shuniu/infra/outbound'
import { expect, it, vi } from 'vitest'
import type { Fault } from '../simulator/index.ts'
import type { Hub, Ready } from './hub.ts'
import { expectThere, failureOf, type Trial } from './trial.ts'

const longestWait = { timeout: 8_000, interval: 100 }

/** Faults after which nobody can know, and whether the document is there nevertheless. */
const doubts: readonly { readonly fault: Fault; readonly there: boolean }[] = [
  { fault: 'execute-then-timeout', there: true },
  { fault: 'reset-after', there: true },
  { fault: 'reset-before', there: false },
  { fault: 'hang', there: false },
  { fault: 'html-502', there: false },
]

/** When something goes wrong: the class, and the step that is right afterwards. */
export function faultTests<Link>(trial: Trial<Link>): void {
  doubtTests(trial)
  if (trial.canLookUp) emptyAnswerTest(trial)
  refusalTests(trial)
  timeTests(trial)
}

function doubtTests<Link>({ canLookUp, on, patience, play }: Trial<Link>): void {
  const expectDoubt = async (hub: Hub<Link>, ready: Ready): Promise<void> => {
    expect((await failureOf(hub.send(ready, { timeout: patience.send }))).failureClass).toBe('ambiguous')
  }

  for (const { fault, there } of doubts) {
    it(
      `${fault}: in doubt, and a look-up settles it`,
      play(async ({ hub, stand }, ready) => {
        await stand.fault(on, fault)
        await expectDoubt(hub, ready)
        expect(await stand.endFaults()).toBe(1)
        if (!canLookUp) return
        if (there) return vi.waitFor(() => expectThere(hub, ready), longestWait)
        expect(await hub.find(ready)).toEqual({ found: [], proven: true })
        await hub.send(ready)
        await expectThere(hub, ready)
      }),
    )
  }

  it(
    'late: in doubt, and a look-up finds it once it has been executed',
    play(async ({ hub, stand }, ready) => {
      await stand.fault(on, 'late', patience.late)
      await expectDoubt(hub, ready)
      expect(await stand.endFaults()).toBe(1)
      if (canLookUp) await vi.waitFor(() => expectThere(hub, ready), longestWait)
    }),
  )
}

function emptyAnswerTest<Link>({ play }: Trial<Link>): void {
  it(
    'empty-query: an empty answer proves nothing',
    play(async ({ hub, stand }, ready) => {
      await hub.send(ready)
      await stand.fault('*', 'empty-query')
      const seen = await hub.find(ready).catch((failure: unknown) => failure)
      expect(await stand.endFaults()).toBe(1)
      if (!(seen instanceof CallFailure)) expect(seen).not.toEqual({ found: [], proven: true })
    }),
  )
}

/** Classes that say honestly: nothing was done. */
const honest = {
  refuse: ['invalid', 'fatal', 'transient', 'duplicate'],
  throttle: ['throttled', 'transient'],
} as const

function refusalTests<Link>({ canLookUp, on, play }: Trial<Link>): void {
  for (const fault of ['refuse', 'throttle'] as const) {
    it(
      `${fault}: certainly not executed, and never called in doubt`,
      play(async ({ hub, stand }, ready) => {
        await stand.fault(on, fault)
        const { failureClass } = await failureOf(hub.send(ready))
        expect(await stand.endFaults()).toBe(1)
        expect(honest[fault]).toContain(failureClass)
        if (canLookUp) expect((await hub.find(ready)).found).toEqual([])
      }),
    )
  }

  it(
    'token-expired: done once after one new log-in',
    play(async ({ hub, stand }, ready) => {
      await stand.fault(on, 'token-expired')
      await sendOrLogIn(hub, ready)
      expect(await stand.endFaults()).toBe(1)
      if (canLookUp) await expectThere(hub, ready)
    }),
  )
}

/** What the engine does about a lost session: at most one new log-in, then the same send again. */
async function sendOrLogIn<Link>(hub: Hub<Link>, ready: Ready): Promise<void> {
  const failure = await hub.send(ready).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (failure === undefined) return
  if (!(failure instanceof CallFailure)) throw failure
  expect(failure.failureClass).toBe('auth')
  await hub.operation(ready.operation).ready(hub.link)
  await hub.send(ready)
}

function timeTests<Link>({ on, play }: Trial<Link>): void {
  it(
    'slow: patience is rewarded',
    play(async ({ hub, stand }, ready) => {
      await stand.fault(on, 'slow', 200)
      await hub.send(ready)
      expect(await stand.endFaults()).toBe(1)
    }),
  )

  it(
    'after its last moment nothing is written any more',
    play(async ({ hub, stand }, ready) => {
      const before = await stand.counts()
      expect((await failureOf(hub.send(ready, { late: true }))).failureClass).toBe('transient')
      expect(await stand.counts()).toEqual(before)
    }),
  )
}
