import { House, start } from './test-house.ts'
import type { Approval } from './test-office.ts'

/** Whoever reads what came of this approval dies of it, as of a document that takes all memory. */
function deadly(id: string): Approval {
  return {
    id,
    form: 'PAY',
    kind: 'new',
    root: id,
    createdAt: start,
    finishedAt: start,
    amount: '1.00',
    get result() {
      process.kill(process.pid, 'SIGKILL')
      return 'agree' as const
    },
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/**
 * One life of an ingress in a process of its own: the first takes in ten approvals, one of them deadly, and each later one another.
 * When every receipt has come to its end it prints the story and ends.
 */
export async function live(folder: string): Promise<void> {
  const house = await House.open({ folder })
  const known = await house.receipts()
  const ids = known.length === 0 ? Array.from({ length: 10 }, (_, at) => `A${at}`) : [`later-${known.length}`]
  for (const id of [...known.map(({ subject }) => subject), ...ids]) house.office.agree(id, start)
  house.office.approvals.set('A4', deadly('A4'))
  let calls = 0
  // Answers take their time, and not the same: some come in the moment of death, some would come after it.
  house.office.gate = () => turns(20 + ((calls++ * 13) % 50))
  await house.receive(...ids)
  while (house.ingress.state().waiting > 0) {
    await house.clock.advance(1_000)
    await turns(100)
  }
  process.stdout.write(JSON.stringify(await house.story()))
  process.exit(0)
}
