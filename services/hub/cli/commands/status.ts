import { itemOf, itemsOf, textOf, type Item } from '../api.ts'
import type { Cli, CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { momentOf, showItems } from '../listing.ts'
import type { TextKey } from '../texts.ts'
import { wordIn } from '../words.ts'

/** `shuniu status`: how the hub is, and that nothing is missing (promise 2). Exit code 1 when something is. */
export const status: CliCommand = {
  usage: 'status',
  help: 'help.status',
  needs: 'hub',
  options: [{ flags: '--recount', help: 'help.recount' }],
  async run(cli, { flags }) {
    const recount = flags['recount'] === true ? true : undefined
    const [found, conservation] = await Promise.all([cli.api.get('status'), cli.api.get('conservation', { recount })])
    if (cli.screen.json) cli.screen.data({ ...found, conservation })
    else show(cli, found, conservation)
    return gaps(conservation).some((gap) => gap !== 0) ? exits.failed : exits.fine
  },
}

function show(cli: Cli, found: Item, conservation: Item): void {
  const { screen } = cli
  const open = itemOf(found['open']) ?? {}
  screen.pairs([
    [screen.say('word.project'), textOf(found['project'])],
    [screen.say('word.version'), textOf(found['version'])],
    [screen.say('word.epoch'), textOf(found['epoch'])],
    [screen.say('word.started'), `${momentOf(found['startedAt'], cli.api.zone)} (${cli.api.zone})`],
    [screen.say('word.resync'), screen.say(found['resync'] === true ? 'word.on' : 'word.off')],
    [
      screen.say('word.open'),
      Object.entries(open)
        .map(([what, count]) => `${wordIn(screen.language, what)} ${textOf(count)}`)
        .join(', '),
    ],
    [screen.say('word.oldest'), `${textOf(found['oldestUnfinishedSeconds'])} s`],
  ])
  screen.line()
  showItems(cli, itemsOf(found['flows']), [
    { title: 'word.flows', of: 'name' },
    { title: 'word.version', of: 'version' },
    { title: 'word.events', of: 'on' },
    { title: 'word.since-position', of: 'from', side: 'right' },
  ])
  screen.line()
  showItems(cli, itemsOf(found['connections']), [
    { title: 'word.connections', of: 'name' },
    { title: 'word.connector', of: 'connector' },
    { title: 'word.breaker', of: 'breaker' },
    { title: 'word.under-way', of: 'underWay', side: 'right' },
    { title: 'word.waiting', of: 'waiting', side: 'right' },
    { title: 'word.used', of: usedOf, side: 'right' },
    { title: 'word.stream', of: 'stream' },
  ])
  screen.line()
  showConservation(cli, conservation)
}

const usedOf = ({ usedThisMonth, perMonth }: Item): string =>
  perMonth === 0 ? textOf(usedThisMonth) : `${textOf(usedThisMonth)} / ${textOf(perMonth)}`

const totals = ['accepted', 'published', 'done', 'skipped', 'parked', 'in-flight', 'gap'] as const

function showConservation(cli: Cli, conservation: Item): void {
  const recounted = itemOf(conservation['recounted'])
  const rows = [...rowsOf(cli, conservation, undefined), ...(recounted ? rowsOf(cli, recounted, 'word.recounted') : [])]
  const columns = totals.map((total) => ({ title: `word.${total}` as const, of: total, side: 'right' as const }))
  showItems(cli, rows, [{ title: 'word.what-it-is', of: 'what' }, ...columns])
}

function rowsOf({ screen }: Cli, both: Item, mark: TextKey | undefined): Item[] {
  return (['receipts', 'deliveries'] as const).map((what) => {
    const { inFlight, ...rest } = itemOf(both[what]) ?? {}
    const name = screen.say(`word.${what}`)
    return { ...rest, 'in-flight': inFlight, what: mark ? `${name} (${screen.say(mark)})` : name }
  })
}

function gaps(conservation: Item): unknown[] {
  const all = [conservation, itemOf(conservation['recounted']) ?? {}]
  return all.flatMap((both) => [itemOf(both['receipts'])?.['gap'] ?? 0, itemOf(both['deliveries'])?.['gap'] ?? 0])
}
