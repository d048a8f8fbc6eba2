import type { Ground } from '@shuniu/sdk'
import { openBaseData, type BaseData } from './basedata.ts'
import { openPeriodBook, type PeriodBook } from './calendars.ts'
import { openClient, type Client } from './client.ts'
import type { Settings } from './settings.ts'

/** One live connection: the way to the site and what was learned there. */
export interface Kingdee {
  readonly client: Client
  readonly base: BaseData
  readonly periods: PeriodBook
}

/** Builds the link; makes no call yet. */
export function openKingdee(settings: Settings, ground: Ground): Kingdee {
  const client = openClient(settings, ground)
  return { client, base: openBaseData(client), periods: openPeriodBook(client) }
}
