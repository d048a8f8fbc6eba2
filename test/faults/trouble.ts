import type { Chance } from './chance.ts'
import type { World } from './world.ts'

/** Delays of executions that nobody waited for, ms: within the 5 s that the example's connection says. */
const lateBy = [1_000, 2_500, 3_500, 4_500, 5_000] as const
/** How much of everything goes wrong. */
export const share = { timeout: 0.05, late: 0.05, duplicate: 0.1, withdrawn: 0.02, diesStarting: 0.05 } as const

/** Puts the faults on both systems that stay through the whole load. */
export async function putTrouble({ dingtalk, kingdee }: World, chance: Chance): Promise<void> {
  const seed = (): number => chance.between(0, 2 ** 31)
  for (const on of ['voucher.save', 'voucher.reverse']) {
    const late = lateBy.map((ms) => ({ on, fault: 'late', rate: share.late / lateBy.length, ms, seed: seed() }))
    await kingdee.fault({ on, fault: 'execute-then-timeout', rate: share.timeout, seed: seed() }, ...late)
  }
  await dingtalk.fault({ on: 'push', fault: 'duplicate-push', rate: share.duplicate, seed: seed() })
}
