import { itemsOf, textOf, type Item } from './api.ts'
import { flagText, type Cli, type CliCommand, type CliOption } from './command.ts'
import { exits } from './failure.ts'
import type { Column } from './layout.ts'
import type { TextKey } from './texts.ts'
import { wordIn } from './words.ts'

/** A column of a list of items: its title, and what stands in it. */
export interface ListColumn {
  readonly title: TextKey
  readonly of: string | ((item: Item) => string)
  readonly side?: Column['side']
  /** A moment of the API: shown in the hub's zone, which the title names. */
  readonly isMoment?: true
}

export interface Listing {
  readonly usage: string
  readonly help: TextKey
  /** Path of the API. */
  readonly path: string
  /** Options that narrow the list; the API's parameter has the same name. */
  readonly filters: readonly CliOption[]
  readonly columns: readonly ListColumn[]
  /** What it leaves out unless `--all` is given; without, it has no such option. */
  readonly leavesOut?: TextKey
  /** The API gives all of it at once. */
  readonly whole?: true
}

const most = '50'

/** A command that shows one list of the API. */
export function listing({ usage, help, path, filters, columns, leavesOut, whole }: Listing): CliCommand {
  const names = filters.map(({ flags }) => /--([a-z-]+)/.exec(flags)?.[1] ?? '')
  return {
    usage,
    help,
    needs: 'hub',
    options: [
      ...filters,
      ...(leavesOut ? [{ flags: '--all', help: leavesOut }] : []),
      ...(whole ? [] : [{ flags: '--limit <n>', help: 'help.limit' } as const]),
    ],
    async run(cli, given) {
      const limit = whole ? undefined : (flagText(given, 'limit') ?? most)
      const query = Object.fromEntries(names.map((name) => [name, flagText(given, name)]))
      const all = given.flags['all'] === true ? true : undefined
      const page = await cli.api.get(path, { ...query, all, limit })
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
  if (page['leftOut'] !== undefined) screen.talk(screen.say('said.left-out', { count: textOf(page['leftOut']) }))
  if (page['next'] !== undefined && limit)
    screen.talk(screen.say('said.more', { limit: Math.min(500, Number(limit) * 4) }))
  return exits.fine
}

export function showItems(
  cli: Pick<Cli, 'screen' | 'api'>,
  items: readonly Item[],
  columns: readonly ListColumn[],
): void {
  const { screen, api } = cli
  const laid = columns.map(({ title, side = 'left', isMoment }) => {
    const word = screen.say(title)
    return { title: isMoment ? `${word} (${api.zone})` : word, side }
  })
  const rows = items.map((item) => columns.map((column) => cell(cli, item, column)))
  screen.table(laid, rows)
}

/** Columns whose texts are words of a closed list. */
const wordy: ReadonlySet<TextKey> = new Set([
  'word.state',
  'word.reason',
  'word.origin',
  'word.kind',
  'word.breaker',
  'word.stream',
])

function cell({ screen, api }: Pick<Cli, 'screen' | 'api'>, item: Item, { title, of, isMoment }: ListColumn): string {
  if (isMoment && typeof of === 'string') return momentOf(item[of], api.zone)
  const text = typeof of === 'string' ? textOf(item[of]) : of(item)
  return wordy.has(title) ? wordIn(screen.language, text) : text
}

/** A moment of the API (RFC 3339) as the clocks of a zone show it: `2026-11-22 10:03:07`. */
export function momentOf(value: unknown, zone: string): string {
  const ms = Date.parse(textOf(value))
  return Number.isNaN(ms) ? textOf(value) : new Date(ms).toLocaleString('sv-SE', { timeZone: zone })
}
