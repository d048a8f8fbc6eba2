import { HubError } from '@shuniu/contracts'
import { z } from 'zod'
import { actor, reason, text, whole } from './input.ts'
import type { ConsolePorts } from './ports.ts'

const gap = z.object({ topic: z.string(), partition: z.int(), from: z.int(), earliest: z.int() })
export const gapList = z.object({ items: z.array(gap) })
export const acceptGapBody = z.strictObject({
  topic: text('Name of the topic, without the prefix of the installation', 249),
  partition: whole(0, 1_000_000),
  reason,
  actor,
})
export const acceptedGap = gap

type Ground = Pick<ConsolePorts, 'topics'>

/** Partitions that stand still because records were deleted before they were read. */
export function listGaps({ topics }: Ground): z.output<typeof gapList> {
  return { items: (topics?.gaps() ?? []).map((one) => ({ ...one })) }
}

/** Goes on behind what is missing. */
export function acceptGap({ topics }: Ground, ask: z.output<typeof acceptGapBody>): Promise<z.output<typeof gap>> {
  if (!topics) throw new HubError('topics.embedded')
  const { topic, partition, ...decision } = ask
  return topics.acceptGap({ topic, partition }, decision)
}
