import { HubError, type Value } from '@shuniu/contracts'
import { emptyFrame, type Frame } from './budget.ts'

/** A compiled part: it is asynchronous only if it contains a look-up, so everything else runs without a promise. */
export type Code =
  | { readonly asynchronous: false; readonly run: (frame: Frame) => Value; readonly constant?: Value }
  | { readonly asynchronous: true; readonly run: (frame: Frame) => Promise<Value> }

export function direct(run: (frame: Frame) => Value): Code {
  return { asynchronous: false, run }
}

export function awaited(run: (frame: Frame) => Promise<Value>): Code {
  return { asynchronous: true, run }
}

export function constantCode(constant: Value): Code {
  return { asynchronous: false, run: () => constant, constant }
}

/** Applies an operation to the value of one part. */
export function unary(of: Code, apply: (frame: Frame, value: Value) => Value): Code {
  if (of.asynchronous) return awaited(async (frame) => apply(frame, await of.run(frame)))
  const { run } = of
  return direct((frame) => apply(frame, run(frame)))
}

/** Applies an operation to the values of two parts, the left one first. */
export function binary(left: Code, right: Code, apply: (frame: Frame, left: Value, right: Value) => Value): Code {
  if (left.asynchronous || right.asynchronous) {
    return awaited(async (frame) => {
      const first = await left.run(frame)
      return apply(frame, first, await right.run(frame))
    })
  }
  const [runLeft, runRight] = [left.run, right.run]
  return direct((frame) => apply(frame, runLeft(frame), runRight(frame)))
}

/** Applies an operation to the values of any number of parts, from left to right. */
export function nary(parts: readonly Code[], apply: (frame: Frame, values: Value[]) => Value): Code {
  const runs = syncRuns(parts)
  if (!runs) return awaited(async (frame) => apply(frame, await valuesOf(parts, frame)))
  return direct((frame) => {
    const values: Value[] = []
    for (const run of runs) values.push(run(frame))
    return apply(frame, values)
  })
}

/** The closures of parts that are all synchronous; undefined when one is not. */
export function syncRuns(parts: readonly Code[]): ((frame: Frame) => Value)[] | undefined {
  return parts.every((part) => !part.asynchronous) ? parts.map((part) => part.run) : undefined
}

/** One after the other, never at the same time: look-ups are journalled in this order. */
export async function valuesOf(parts: readonly Code[], frame: Frame): Promise<Value[]> {
  const values: Value[] = []
  for (const part of parts) values.push(await part.run(frame))
  return values
}

/** The value of pure code on constants, computed once. What fails on constants fails when it runs, if it ever does. */
export function folded(code: Code, parts: readonly Code[]): Code {
  if (code.asynchronous || !parts.every((part) => 'constant' in part)) return code
  try {
    return constantCode(code.run(emptyFrame()))
  } catch (error) {
    if (error instanceof HubError) return code
    throw error
  }
}
