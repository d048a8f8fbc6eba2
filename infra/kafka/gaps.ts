import { HubError } from '@shuniu/contracts'
import { incarnationOf, offsetOf, placeOf } from '../log/place.ts'
import { commitAudited, type Store } from '../store/index.ts'
import type { Clock } from '../time/index.ts'
import type { Finding } from './cursor.ts'
import { Incarnations } from './incarnations.ts'
import type { KafkaDriver } from './port.ts'

export interface GapsGround {
  readonly store: Store
  readonly clock: Clock
  readonly kafka: Pick<KafkaDriver, 'clusterId' | 'extents'>
  readonly reader: string
  readonly prefix?: string
}

/** Records that were deleted before they were read: offsets `from` up to `earliest`, which is there again. */
export interface Gap {
  /** Without the installation's prefix. */
  readonly topic: string
  readonly partition: number
  readonly from: number
  readonly earliest: number
}

/** A stopped partition says so every 10 s, while it is ours. */
const remembered = 30_000

/** The gaps that stop a reader of this process, and the way over one: a person's decision, kept in the audit log. */
export class Gaps {
  private readonly found = new Map<string, { readonly gap: Gap; readonly at: number }>()

  constructor(private readonly ground: GapsGround) {}

  /** Takes note of what the log found, and says it: `log.gap` for a gap. */
  note(finding: Finding): HubError | undefined {
    if (finding.is !== 'gap') return undefined
    const { topic, partition, from, earliest } = finding
    const gap = { topic: topic.slice((this.ground.prefix ?? '').length), partition, from, earliest }
    this.found.set(`${topic}/${partition}`, { gap, at: this.ground.clock.uptime() })
    return new HubError('log.gap', { reader: this.ground.reader, ...gap })
  }

  /** Those that stop a partition now. */
  list(): readonly Gap[] {
    const since = this.ground.clock.uptime() - remembered
    for (const [name, { at }] of this.found) if (at < since) this.found.delete(name)
    return [...this.found.values()].map(({ gap }) => gap)
  }

  /** What is missing is given up, and the partition goes on at its earliest record. Throws `log.no-gap`. */
  async accept(
    { topic, partition }: Pick<Gap, 'topic' | 'partition'>,
    { actor, reason }: { readonly actor: string; readonly reason: string },
  ): Promise<Gap> {
    const { store, kafka, reader, prefix = '' } = this.ground
    const name = prefix + topic
    const noGap = new HubError('log.no-gap', { reader, topic, partition })
    const [place] = await store.select('places', { reader, topic: name, partition })
    const { position = 0 } = place ?? {}
    const newest = await new Incarnations(store, kafka).newest(name, partition)
    const earliest = (await kafka.extents(name)).get(partition)?.earliest ?? 0
    const gap = { topic, partition, from: offsetOf(position), earliest }
    if (!place || incarnationOf(position) !== newest.id || earliest <= gap.from) throw noGap
    const line = {
      actor,
      action: 'topics accept-gap',
      target: `${topic}/${partition}`,
      reason,
      detail: JSON.stringify(gap),
    }
    const set = { position: placeOf(newest.id, earliest), last: '' }
    const moved = { update: 'places', where: { id: place.id, position }, set } as const
    if ((await commitAudited(this.ground, line, [moved])) !== 'done') throw noGap
    this.found.delete(`${name}/${partition}`)
    return gap
  }
}
