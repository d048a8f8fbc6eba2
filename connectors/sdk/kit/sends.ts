import { CallFailure } from '@shuniu/infra/outbound'
import { describe, expect, it, vi } from 'vitest'
import type { ConnectorDefinition } from '../connector.ts'
import type { LookUp, Operation } from '../operation.ts'
import type { Fault } from '../simulator/index.ts'
import type { Hub, Ready } from './hub.ts'
import type { OperationSample, Scene, Subject } from './subject.ts'

const defaultPatience = { send: 300, late: 800 }
const longestWait = { timeout: 8_000, interval: 100 }

/** Opens a scene with a connection of its own, so that no breaker or session of another test has a say. */
export type OnScene<Link> = (play: (scene: Scene<Link>) => Promise<void>) => Promise<void>

/** The class of the failure of a call; the test fails when it succeeds or throws anything else. */
async function failureOf(call: Promise<unknown>): Promise<CallFailure> {
  const error = await call.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof CallFailure)) throw error
  return error
}

/** Faults after which nobody can know, and whether the document is there nevertheless. */
const doubts: readonly { readonly fault: Fault; readonly there: boolean; readonly ms?: number }[] = [
  { fault: 'execute-then-timeout', there: true },
  { fault: 'reset-after', there: true },
  { fault: 'reset-before', there: false },
  { fault: 'hang', there: false },
  { fault: 'html-502', there: false },
]

/** What every operation must do at every fault: the class it gives, and the step that is right afterwards. */
export function sendSuite<Settings, Link>(
  definition: ConnectorDefinition<Settings, Link>,
  subject: Subject<Link>,
  onScene: OnScene<Link>,
): void {
  describe.each(Object.entries(subject.operations ?? {}))('%s', (name, sample) => {
    const operation = definition.operations[name]
    const canLookUp = operation?.find !== undefined
    const play = (act: (scene: Scene<Link>, ready: Ready, operation: Operation<Link>) => Promise<void>) => () =>
      onScene(async (scene) => act(scene, await prepareSample(name, sample, scene), scene.hub.operation(name)))
    const on = sample.fault ?? name
    const patience = subject.patience ?? defaultPatience

    it.runIf(canLookUp)(
      'is absent before it is sent, and a look-up proves it',
      play(async ({ hub }, ready) => {
        expect(await hub.find(ready)).toEqual({ found: [], proven: true })
      }),
    )

    it(
      'is done once, and gives its output',
      play(async ({ hub }, ready, { describe: text }) => {
        await hub.send(ready)
        expect(text(ready.body).text).not.toBe('')
      }),
    )

    it.runIf(canLookUp)(
      'a look-up sees the document just made, equal to what was sent',
      play(async ({ hub }, ready) => {
        const output = await hub.send(ready)
        const found = onlyOne(await hub.find(ready))
        const { fingerprint, fingerprintFound, outputOf, readById } = hub.operation(name)
        expect(fingerprintFound?.(found)).toBe(fingerprint(ready.body))
        expect(outputOf?.(found)).toEqual(output)
        expect(await readById?.(hub.link, found.id)).toEqual(readById && found)
      }),
    )

    it.runIf(canLookUp)(
      'each reference finds its own document',
      play(async (scene, ready) => {
        const other = await prepareSample(name, sample, scene)
        await scene.hub.send(ready)
        await scene.hub.send(other)
        const ids = [onlyOne(await scene.hub.find(ready)).id, onlyOne(await scene.hub.find(other)).id]
        expect(new Set(ids).size).toBe(2)
      }),
    )

    it.runIf(operation?.list !== undefined)(
      'is in the list of its day, with its reference',
      play(async ({ hub }, ready) => {
        const { list, describe: text } = hub.operation(name)
        await hub.send(ready)
        const { day = '', amount } = text(ready.body)
        const listed = (await list?.(hub.link, { from: day, to: day, settings: {} })) ?? []
        const own = listed.filter((one) => one.reference === ready.reference)
        expect(own.map((one) => [one.day, Number(one.amount)])).toEqual([[day, Number(amount)]])
      }),
    )

    it.runIf(operation?.candidates !== undefined)(
      'is among the candidates for a person',
      play(async ({ hub }, ready) => {
        await hub.send(ready)
        const found = onlyOne(await hub.find(ready))
        const candidates = (await hub.operation(name).candidates?.(hub.link, ready.body)) ?? []
        expect(candidates.map((one) => one.id)).toContain(found.id)
      }),
    )

    it.each(doubts)('$fault: in doubt, and a look-up settles it', ({ fault, there }) =>
      play(async ({ hub, stand }, ready) => {
        await stand.fault(on, fault)
        expect((await failureOf(hub.send(ready, { timeout: patience.send }))).failureClass).toBe('ambiguous')
        expect(await stand.endFaults()).toBe(1)
        if (!canLookUp) return
        if (there) return vi.waitFor(() => expectThere(hub, ready), longestWait)
        expect(await hub.find(ready)).toEqual({ found: [], proven: true })
        await hub.send(ready)
        await expectThere(hub, ready)
      })(),
    )

    it(
      'late: in doubt, and a look-up finds it once it has been executed',
      play(async ({ hub, stand }, ready) => {
        await stand.fault(on, 'late', patience.late)
        expect((await failureOf(hub.send(ready, { timeout: patience.send }))).failureClass).toBe('ambiguous')
        expect(await stand.endFaults()).toBe(1)
        if (!canLookUp) return
        await vi.waitFor(() => expectThere(hub, ready), longestWait)
      }),
    )

    it.each(['refuse', 'throttle'] as const)('%s: certainly not executed, and never called in doubt', (fault) =>
      play(async ({ hub, stand }, ready) => {
        await stand.fault(on, fault)
        const { failureClass } = await failureOf(hub.send(ready))
        expect(await stand.endFaults()).toBe(1)
        const honest =
          fault === 'throttle' ? ['throttled', 'transient'] : ['invalid', 'fatal', 'transient', 'duplicate']
        expect(honest).toContain(failureClass)
        if (canLookUp) expect((await hub.find(ready)).found).toEqual([])
      })(),
    )

    it(
      'token-expired: done once after one new log-in',
      play(async ({ hub, stand }, ready) => {
        await stand.fault(on, 'token-expired')
        await sendOrLogIn(hub, ready)
        expect(await stand.endFaults()).toBe(1)
        if (canLookUp) await expectThere(hub, ready)
      }),
    )

    it(
      'slow: patience is rewarded',
      play(async ({ hub, stand }, ready) => {
        await stand.fault(on, 'slow', 200)
        await hub.send(ready)
        expect(await stand.endFaults()).toBe(1)
      }),
    )

    it.runIf(canLookUp)(
      'empty-query: an empty answer proves nothing',
      play(async ({ hub, stand }, ready) => {
        await hub.send(ready)
        await stand.fault('*', 'empty-query')
        const seen = await hub.find(ready).catch((failure: unknown) => failure)
        expect(await stand.endFaults()).toBe(1)
        if (seen instanceof CallFailure) return
        expect(seen).not.toEqual({ found: [], proven: true })
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

    it.runIf(operation?.grade === 'A')(
      'grade A: the target itself refuses the same reference',
      play(async ({ hub }, ready) => {
        await hub.send(ready)
        expect((await failureOf(hub.send(ready))).failureClass).toBe('duplicate')
        await expectThere(hub, ready)
      }),
    )
  })
}

/** A sample's body, ready to be sent. */
export async function prepareSample<Link>(
  name: string,
  sample: OperationSample<Link>,
  scene: Scene<Link>,
): Promise<Ready> {
  const undone = await sample.undone?.(scene)
  return scene.hub.prepare(name, await sample.input(scene), undone)
}

function onlyOne({ found }: LookUp): LookUp['found'][number] {
  const [one, ...others] = found
  if (!one || others.length > 0) throw new Error(`${found.length} documents carry the reference`)
  return one
}

/** The document is there once, and equal to what was sent. */
async function expectThere<Link>(hub: Hub<Link>, ready: Ready): Promise<void> {
  const { fingerprint, fingerprintFound } = hub.operation(ready.operation)
  expect(fingerprintFound?.(onlyOne(await hub.find(ready)))).toBe(fingerprint(ready.body))
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
