import type { Forecast } from '@shuniu/console'
import { limitsOf } from './connections.ts'
import type { ConfiguredConnection } from './project.ts'

/** Assumed until somebody says how many there are. */
const usualDocumentsPerDay = 50

/** What a month costs in calls, by the connector's own plan, for so many documents a day on the forms that are mapped. */
export function forecastOf(configured: ConfiguredConnection, documentsPerDay = usualDocumentsPerDay): Forecast {
  const { definition, settings, part } = configured
  const forms = new Set(part.events?.map(({ source, form }) => `${source} ${form}`)).size
  const { lines } = definition.budget(settings, { documentsPerDay, forms })
  const calls = lines.reduce((sum, line) => sum + line.calls, 0)
  return { documentsPerDay, forms, calls, perMonth: limitsOf(configured).perMonth, lines }
}
