import { describe, expect, it } from 'vitest'
import type { ConnectorDefinition } from '../connector.ts'
import type { Operation } from '../operation.ts'
import { faultTests } from './faults.ts'
import { failureOf, expectThere, onlyOne, prepareSample, type OnScene, type Trial } from './trial.ts'
import type { Subject } from './subject.ts'

/** What every operation must do: be found by its reference, and give the right class and next step at every fault. */
export function sendSuite<Settings, Link>(
  definition: ConnectorDefinition<Settings, Link>,
  subject: Subject<Link>,
  onScene: OnScene<Link>,
): void {
  describe.each(Object.entries(subject.operations ?? {}))('%s', (name, sample) => {
    const operation = definition.operations[name]
    if (!operation) throw new Error(`${definition.name} has no operation ${name}`)
    const trial: Trial<Link> = {
      operation,
      sample,
      canLookUp: operation.find !== undefined,
      on: sample.fault ?? name,
      patience: subject.patience ?? { send: 400, late: 900 },
      prepare: (scene) => prepareSample(name, sample, scene),
      play: (act) => () => onScene(async (scene) => act(scene, await prepareSample(name, sample, scene))),
    }
    honestTests(trial)
    faultTests(trial)
  })
}

/** When nothing goes wrong. What an operation does not declare is not tested, and not shown as skipped. */
function honestTests<Link>(trial: Trial<Link>): void {
  const { operation, canLookUp, play } = trial

  it(
    'is done once, and gives its output',
    play(async ({ hub }, ready) => {
      await hub.send(ready)
      expect(operation.describe(ready.body).text).not.toBe('')
    }),
  )

  if (canLookUp) lookUpTests(trial)
  if (canLookUp && operation.list) listTest(trial, operation.list)
  if (canLookUp && operation.candidates) candidatesTest(trial, operation.candidates)
  if (operation.grade === 'A') refusalOfRepeatsTest(trial)
}

function lookUpTests<Link>({ operation, play, prepare }: Trial<Link>): void {
  const { fingerprint, fingerprintFound, outputOf, readById } = operation

  it(
    'is absent before it is sent, and a look-up proves it',
    play(async ({ hub }, ready) => {
      expect(await hub.find(ready)).toEqual({ found: [], proven: true })
    }),
  )

  it(
    'a look-up sees the document just made, equal to what was sent',
    play(async ({ hub }, ready) => {
      const output = await hub.send(ready)
      const found = onlyOne(await hub.find(ready))
      expect(fingerprintFound?.(found)).toBe(fingerprint(ready.body))
      expect(outputOf?.(found)).toEqual(output)
      expect(await readById?.(hub.link, found.id)).toEqual(readById && found)
    }),
  )

  it(
    'each reference finds its own document',
    play(async (scene, ready) => {
      const other = await prepare(scene)
      await scene.hub.send(ready)
      await scene.hub.send(other)
      const ids = [onlyOne(await scene.hub.find(ready)).id, onlyOne(await scene.hub.find(other)).id]
      expect(new Set(ids).size).toBe(2)
    }),
  )
}

function listTest<Link>({ operation, play }: Trial<Link>, list: NonNullable<Operation<Link>['list']>): void {
  it(
    'is in the list of its day, with its reference',
    play(async ({ hub }, ready) => {
      await hub.send(ready)
      const { day = '', amount } = operation.describe(ready.body)
      const listed = await list(hub.link, { from: day, to: day, settings: {} })
      const own = listed.filter((one) => one.reference === ready.reference)
      expect(own.map((one) => [one.day, Number(one.amount)])).toEqual([[day, Number(amount)]])
    }),
  )
}

function candidatesTest<Link>({ play }: Trial<Link>, candidates: NonNullable<Operation<Link>['candidates']>): void {
  it(
    'is among the candidates for a person',
    play(async ({ hub }, ready) => {
      await hub.send(ready)
      const { id } = onlyOne(await hub.find(ready))
      const shown = await candidates(hub.link, ready.body)
      expect(shown.map((one) => one.id)).toContain(id)
    }),
  )
}

function refusalOfRepeatsTest<Link>({ play }: Trial<Link>): void {
  it(
    'grade A: the target itself refuses the same reference',
    play(async ({ hub }, ready) => {
      await hub.send(ready)
      expect((await failureOf(hub.send(ready))).failureClass).toBe('duplicate')
      await expectThere(hub, ready)
    }),
  )
}
