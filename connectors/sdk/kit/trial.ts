import { CallFailure } from '@shuniu/infra/outbound'
import { expect } from 'vitest'
import type { LookUp, Operation } from '../operation.ts'
import type { Hub, Ready } from './hub.ts'
import type { OperationSample, Scene } from './subject.ts'

/** Plays on a scene with a connection of its own, so that no breaker or session of another test has a say. */
export type OnScene<Link> = (play: (scene: Scene<Link>) => Promise<void>) => Promise<void>

/** One operation on trial. */
export interface Trial<Link> {
  readonly operation: Operation<Link>
  readonly sample: OperationSample<Link>
  readonly canLookUp: boolean
  /** The simulator's name of the call. */
  readonly on: string
  readonly patience: { readonly send: number; readonly late: number }
  /** Another document of the sample, ready to be sent. */
  prepare(scene: Scene<Link>): Promise<Ready>
  /** A test with a document ready to be sent. */
  play(act: (scene: Scene<Link>, ready: Ready) => Promise<void>): () => Promise<void>
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

/** The failure of a call; the test fails when it succeeds or throws anything else. */
export async function failureOf(call: Promise<unknown>): Promise<CallFailure> {
  const error = await call.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof CallFailure)) throw error
  return error
}

export function onlyOne({ found }: LookUp): LookUp['found'][number] {
  const [one, ...others] = found
  if (!one || others.length > 0) throw new Error(`${found.length} documents carry the reference`)
  return one
}

/** The document is there once, and equal to what was sent. */
export async function expectThere<Link>(hub: Hub<Link>, ready: Ready): Promise<void> {
  const { fingerprint, fingerprintFound } = hub.operation(ready.operation)
  expect(fingerprintFound?.(onlyOne(await hub.find(ready)))).toBe(fingerprint(ready.body))
}
