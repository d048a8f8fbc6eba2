export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Asks again every few ms until the answer is there; undefined when it does not come in time. */
export async function until<Answer>(
  ask: () => Answer | undefined | Promise<Answer | undefined>,
  { within, every = 5 }: { within: number; every?: number },
): Promise<Answer | undefined> {
  for (const end = Date.now() + within; ; await pause(every)) {
    const answer = await ask()
    if (answer !== undefined || Date.now() >= end) return answer
  }
}
