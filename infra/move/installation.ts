import type { KafkaLogSettings, PostgresSettings } from '../config/index.ts'
import { mustHave, reach } from '../ground/scale.ts'
import { openKafkaLog } from '../log/kafka.ts'
import { openPostgres, openPostgresStore } from '../postgres/index.ts'
import type { Clock } from '../time/index.ts'
import { move, skipAll, type MoveGround } from './move.ts'
import { openSource } from './source.ts'
import { openTarget } from './target.ts'

export interface InstallationMove {
  /** Data folder of the embedded installation. */
  readonly folder: string
  readonly postgres: PostgresSettings
  readonly kafka: KafkaLogSettings
  /** Topics that must be there. */
  readonly topics: readonly string[]
  readonly clock: Clock
  readonly report: (message: string, detail: unknown) => void
  readonly progress: MoveGround['progress']
}

/**
 * Moves an embedded installation to PostgreSQL and Kafka. What can be wrong with the new ground is looked at before the old
 * folder is marked. Resolves with the number of rows of each table, each of them compared.
 */
export async function moveInstallation(given: InstallationMove): Promise<Readonly<Record<string, number>>> {
  const { folder, postgres, clock, report, progress } = given
  const kafka = await reach(given.kafka, report)
  try {
    const source = openSource(folder, `${new URL(postgres.url).host}/${postgres.schema}`)
    try {
      const topics = [...new Set([...given.topics, ...source.topics])]
      await mustHave(kafka, topics, given.kafka.prefix)
      const target = await openTarget(postgres, source)
      const database = await openPostgres(postgres)
      try {
        const store = openPostgresStore(database, source.epoch)
        const log = openKafkaLog({ kafka, store, clock, prefix: given.kafka.prefix, report, found: () => undefined })
        const skipTo = (reader: string): Promise<void> =>
          skipAll(log, reader, topics, async (change) => void (await store.commit([change])))
        return await move({ source, target, log, skipTo, progress })
      } finally {
        await database.close()
        await target.close()
      }
    } finally {
      source.close()
    }
  } finally {
    await kafka.close()
  }
}
