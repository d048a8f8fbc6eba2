import { HubError, type Value } from '@shuniu/contracts'
import { emptyFrame, type Frame } from './budget.ts'

/** A value, or the promise of one: where a look-up has to wait, and only there. */
export type Eventual = Value | Promise<Value>

/** A compiled part. Only what contains a look-up may ever give a promise. */
export type Code =
  | { readonly asynchronous: false; readonly run: (frame: Frame) => Value; readonly constant?: Value }
  | { readonly asynchronous: true; readonly run: (frame: Frame) => Eventual }

export function direct(run: (frame: Frame) => Value): Code {
  return { asynchronous: false, run }
}

export function awaited(run: (frame: Frame) => Eventual): Code {
  return { asynchronous: true, run }
}

export function constantCode(constant: Value): Code {
  return { asynchronous: false, run: () => constant, constant }
}

/** Goes on with a value: at once when it is there. */
export function after<From, To>(from: From | Promise<From>, go: (from: From) => To | Promise<To>): To | Promise<To> {
  return from instanceof Promise ? from.then(go) : go(from)
}

/** Applies an operation to the value of one part. */
export function unary(of: Code, apply: (frame: Frame, value: Value) => Value): Code {
  if (of.asynchronous) return awaited((frame) => after(of.run(frame), (value) => apply(frame, value)))
  const { run } = of
  return direct((frame) => apply(frame, run(frame)))
}

/** Applies an operation to the values of two parts, the left one first. */
export function binary(left: Code, right: Code, apply: (frame: Frame, left: Value, right: Value) => Value): Code {
  if (left.asynchronous || right.asynchronous) {
    return awaited((frame) =>
      after(left.run(frame), (first) => after(right.run(frame), (second) => apply(frame, first, second))),
    )
  }
  const [runLeft, runRight] = [left.run, right.run]
  return direct((frame) => apply(frame, runLeft(frame), runRight(frame)))
}

/** Applies an operation to the values of any number of parts, from left to right. */
export function nary(parts: readonly Code[], apply: (frame: Frame, values: Value[]) => Value): Code {
  const runs = syncRuns(parts)
  if (!runs) {
    const fills = parts.map(appended)
    return awaited((frame) => after(filled(fills, frame, []), (values) => apply(frame, values)))
  }
  const values = valuesOf(runs)
  return direct((frame) => apply(frame, values(frame)))
}

/** The closures of parts that are all synchronous; undefined when one is not. */
export function syncRuns(parts: readonly Code[]): ((frame: Frame) => Value)[] | undefined {
  return parts.every((part) => !part.asynchronous) ? parts.map((part) => part.run) : undefined
}

/** The values of parts that are all synchronous; the usual numbers of arguments need no loop. */
export function valuesOf(runs: readonly ((frame: Frame) => Value)[]): (frame: Frame) => Value[] {
  const [first, second, third] = runs
  if (runs.length === 1 && first) return (frame) => [first(frame)]
  if (runs.length === 2 && first && second) return (frame) => [first(frame), second(frame)]
  if (runs.length === 3 && first && second && third) return (frame) => [first(frame), second(frame), third(frame)]
  return (frame) => runs.map((run) => run(frame))
}

/** Adds what one part gives to a record or list that is being made. */
export type Fill<Made> = (frame: Frame, made: Made) => void | Promise<void>

/** The same for a part that is there at once. */
export function appendedNow(run: (frame: Frame) => Value): (frame: Frame, values: Value[]) => void {
  return (frame, values) => void values.push(run(frame))
}

/** The value of a part as the next element of a list. */
export function appended(code: Code): Fill<Value[]> {
  if (!code.asynchronous) return appendedNow(code.run)
  const { run } = code
  return (frame, values) => {
    const value = run(frame)
    if (value instanceof Promise) return value.then((late) => void values.push(late))
    values.push(value)
  }
}

/** One after the other, never at the same time: look-ups are journalled in this order. */
export function filled<Made>(fills: readonly Fill<Made>[], frame: Frame, made: Made): Made | Promise<Made> {
  let done = 0
  for (const fill of fills) {
    const waits = fill(frame, made)
    done++
    if (waits) return filledLater(waits, fills.slice(done), frame, made)
  }
  return made
}

async function filledLater<Made>(
  first: Promise<void>,
  fills: readonly Fill<Made>[],
  frame: Frame,
  made: Made,
): Promise<Made> {
  await first
  for (const fill of fills) {
    const waits = fill(frame, made)
    if (waits) await waits
  }
  return made
}

/** Takes one element after the other, and waits only where that has to wait. `take` says whether to go on. */
export function inTurn(
  elements: readonly Value[],
  take: (element: Value) => boolean | Promise<boolean>,
): void | Promise<void> {
  let taken = 0
  for (const element of elements) {
    const goOn = take(element)
    taken++
    if (goOn instanceof Promise) return inTurnLater(goOn, elements.slice(taken), take)
    if (!goOn) return
  }
}

async function inTurnLater(
  first: Promise<boolean>,
  elements: readonly Value[],
  take: (element: Value) => boolean | Promise<boolean>,
): Promise<void> {
  if (!(await first)) return
  for (const element of elements) {
    const goOn = take(element)
    if (!(goOn instanceof Promise ? await goOn : goOn)) return
  }
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
