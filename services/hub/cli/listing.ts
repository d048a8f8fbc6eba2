import { itemsOf, textOf, type Item } from './api.ts'
import { flagText, type Cli, type CliCommand, type CliOption } from './command.ts'
import { exits } from './failure.ts'
import type { Column } from './layout.ts'
import type { TextKey } from './texts.ts'

/** A column of a list of items: its title, and what stands in it. */
export interface ListColumn {
  readonly title: TextKey
  readonly of: string | ((item: Item) => string)
  readonly side?: Column['side']
}

export interface Listing {
  readonly usage: string
  readonly help: TextKey
  /** Path of the API. */
  readonly path: string
  /** Options that narrow the list; the API's parameter has the same name. */
  readonly filters: readonly CliOption[]
  readonly columns: readonly ListColumn[]
}

const most = '50'

/** A command that shows one list of the API. */
export function listing({ usage, help, path, filters, columns }: Listing): CliCommand {
  const names = filters.map(({ flags }) => /--([a-z-]+)/.exec(flags)?.[1] ?? '')
  return {
    usage,
    help,
    needs: 'hub',
    options: [...filters, { flags: '--limit <n>', help: 'help.limit' }],
    async run(cli, given) {
      const limit = flagText(given, 'limit') ?? most
      const query = Object.fromEntries(names.map((name) => [name, flagText(given, name)]))
      const page = await cli.api.get(path, { ...query, limit })
      return showList(cli, page, columns, limit)
    },
  }
}

/** The items of an answer as a table, or the answer itself with `--json`. */
export function showList(cli: Cli, page: Item, columns: readonly ListColumn[], limit?: string): number {
  const { screen } = cli
  if (screen.json) {
    screen.data(page)
    return exits.fine
  }
  const items = itemsOf(page['items'])
  if (items.length === 0) screen.talk(screen.say('said.nothing'))
  else showItems(cli, items, columns)
  if (page['next'] !== undefined && limit)
    screen.talk(screen.say('said.more', { limit: Math.min(500, Number(limit) * 4) }))
  return exits.fine
}

export function showItems(
  { screen }: Pick<Cli, 'screen'>,
  items: readonly Item[],
  columns: readonly ListColumn[],
): void {
  const laid = columns.map(({ title, side = 'left' }) => ({ title: screen.say(title), side }))
  const rows = items.map((item) => columns.map(({ of }) => (typeof of === 'string' ? textOf(item[of]) : of(item))))
  screen.table(laid, rows)
}

/** A moment of the API (RFC 3339) in the time of this machine: `2026-11-22 10:03:07`. */
export function momentOf(value: unknown): string {
  const ms = Date.parse(textOf(value))
  return Number.isNaN(ms) ? textOf(value) : new Date(ms).toLocaleString('sv-SE')
}

export const moment =
  (name: string) =>
  (item: Item): string =>
    momentOf(item[name])
