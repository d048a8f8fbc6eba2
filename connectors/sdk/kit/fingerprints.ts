import { isRecord, type ValueRecord } from '@shuniu/contracts'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConnectorDefinition } from '../connector.ts'
import { hasAmounts } from './declaration.ts'
import { newReference } from './hub.ts'
import type { OnScene } from './trial.ts'
import type { OperationSample, Scene, Subject } from './subject.ts'

/** Fingerprints are equal exactly when the money is equal, for whatever inputs. */
export function fingerprintSuite<Settings, Link>(
  definition: ConnectorDefinition<Settings, Link>,
  subject: Subject<Link>,
  onScene: OnScene<Link>,
): void {
  const samples = Object.entries(subject.operations ?? {})
  const needed = samples.filter(([name]) => {
    const operation = definition.operations[name]
    return operation?.effect === 'money' && hasAmounts(operation.input)
  })
  describe.runIf(needed.length > 0)('fingerprints', () => {
    it.each(needed)('%s: equal exactly for equal money', (name, { money }) =>
      onScene(async (scene) => {
        if (!money) throw new Error(`${name} takes amounts, so its sample needs pairs whose money can be compared`)
        await fc.assert(
          fc.asyncProperty(money.pairs, async ([left, right]) => {
            const texts = [await fingerprintOf(scene, name, left), await fingerprintOf(scene, name, right)]
            expect(texts[0] === texts[1]).toBe(money.same(left, right))
          }),
          { numRuns: 200 },
        )
      }),
    )

    it.each(needed)(
      '%s: what is read back has the fingerprint of what was sent',
      (name, sample: OperationSample<Link>) =>
        onScene(async ({ hub, ...scene }) => {
          for (let turn = 0; turn < 3; turn++) {
            const ready = await hub.prepare(name, await sample.input({ hub, ...scene }))
            await hub.send(ready)
            const { fingerprint, fingerprintFound } = hub.operation(name)
            const { found } = await hub.find(ready)
            expect(found.map((one) => fingerprintFound?.(one))).toEqual([fingerprint(ready.body)])
          }
        }),
    )
  })
}

async function fingerprintOf<Link>({ hub }: Scene<Link>, name: string, input: unknown): Promise<string> {
  const operation = hub.operation(name)
  const context = { today: '2026-01-15' }
  const prepared = await operation.prepare(hub.link, operation.input.parse(input), newReference(), context)
  const body: ValueRecord | undefined = prepared.is === 'body' && isRecord(prepared.body) ? prepared.body : undefined
  if (!body) throw new Error(`nothing to send: ${JSON.stringify(prepared)}`)
  return operation.fingerprint(body)
}
