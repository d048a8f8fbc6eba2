import { join } from 'node:path'
import { Day, HubError } from '@shuniu/contracts'
import { openTables, type TableEdit, type TableRow, type TableShape, type Tables } from '@shuniu/infra/config'
import { realClock } from '@shuniu/infra/time'
import { itemOf, itemsOf, textOf, type Item } from '../api.ts'
import { flagText, type Cli, type CliCommand, type Given } from '../command.ts'
import { exits } from '../failure.ts'
import { showList } from '../listing.ts'
import { worksOn } from '../offline.ts'
import { actorOf } from './park.ts'

const list: CliCommand = {
  usage: 'tables list',
  help: 'help.tables-list',
  needs: 'either',
  async run(cli) {
    const page = (await worksOn(cli)) === 'hub' ? await cli.api.get('tables') : await withTables(cli, shapesOf)
    return showList(cli, page, [
      { title: 'word.table', of: 'name' },
      { title: 'word.keys', of: ({ keys }) => texts(keys).join(', ') },
      { title: 'word.values', of: ({ values }) => texts(values).join(', ') },
      { title: 'word.rows', of: 'rows', side: 'right' },
    ])
  },
}

const show: CliCommand = {
  usage: 'tables show <table>',
  help: 'help.tables-show',
  needs: 'either',
  async run(cli, { args: [name = ''] }) {
    const where = await worksOn(cli)
    const table = await tableOf(cli, where, name)
    if (cli.screen.json) cli.screen.data(table)
    else {
      const [keys, values] = [texts(table['keys']), texts(table['values'])]
      const columns = [...keys, ...values, cli.screen.say('word.valid-from'), cli.screen.say('word.valid-to')]
      const rows = itemsOf(table['rows']).map((row) => {
        const cells = itemOf(row['values']) ?? {}
        return [
          ...texts(row['keys']),
          ...values.map((column) => textOf(cells[column])),
          textOf(row['from']),
          textOf(row['to']),
        ]
      })
      cli.screen.table(
        columns.map((title) => ({ title })),
        rows,
      )
    }
    return exits.fine
  },
}

const set: CliCommand = {
  usage: 'tables set <table> <cells...>',
  help: 'help.tables-set',
  needs: 'either',
  options: [
    { flags: '--from <day>', help: 'help.valid-from' },
    { flags: '--to <day>', help: 'help.valid-to' },
    { flags: '--actor <who>', help: 'help.actor' },
  ],
  async run(cli, given) {
    const [name = '', ...cells] = given.args
    const where = await worksOn(cli)
    const table = await tableOf(cli, where, name)
    const edit = editOf(table, cells, given)
    const { keys, values, from, to } = edit
    const body = { keys, values, from: from?.text, to: to?.text, actor: actorOf(cli, given) }
    const written =
      where === 'hub'
        ? await cli.api.post(`tables/${encodeURIComponent(name)}/set`, body)
        : await withTables(cli, async (tables) => (await tables.set(name, edit), itemOfTable(tables, name)))
    if (cli.screen.json) cli.screen.data(written)
    else cli.screen.line(cli.screen.say('said.set', { table: name, row: rowText(edit) }))
    return exits.fine
  },
}

/** `shuniu tables list|show|set`: by the hub, or in the project's CSV files when there is none. */
export const tableCommands: readonly CliCommand[] = [list, show, set]

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(textOf) : [])

function rowText({ keys, values, from, to }: TableEdit): string {
  const days = from || to ? ` [${from?.text ?? ''} … ${to?.text ?? ''})` : ''
  return `${keys.join(' / ')} → ${Object.values(values).join(' / ')}${days}`
}

/** Keys first, then the values in the order of their columns. */
function editOf(table: Item, cells: readonly string[], given: Given): TableEdit {
  const [keys, columns] = [texts(table['keys']), texts(table['values'])]
  if (cells.length !== keys.length + columns.length) {
    const what = [...keys, ...columns].map((column) => `<${column}>`).join(' ')
    throw new HubError('usage.missing', { command: `tables set ${textOf(table['name'])}`, what })
  }
  const values = Object.fromEntries(columns.map((column, at) => [column, cells[keys.length + at] ?? '']))
  return { keys: cells.slice(0, keys.length), values, from: dayOf(given, 'from'), to: dayOf(given, 'to') }
}

function dayOf(given: Given, name: 'from' | 'to'): Day | undefined {
  const text = flagText(given, name)
  const day = text === undefined ? undefined : Day.parse(text)
  if (text !== undefined && !day) throw new HubError('usage.bad-value', { what: `--${name}`, example: '2026-11-01' })
  return day
}

async function tableOf(cli: Cli, where: 'hub' | 'project', name: string): Promise<Item> {
  if (where === 'hub') return cli.api.get(`tables/${encodeURIComponent(name)}`)
  return withTables(cli, (tables) => itemOfTable(tables, name))
}

/** The tables of the folder, for as long as `work` takes. Problems of other files do not stand in the way. */
async function withTables<T>({ options }: Cli, work: (tables: Tables) => T | Promise<T>): Promise<T> {
  const ignored = (): void => undefined
  const tables = await openTables(join(options.project, 'tables'), {
    clock: realClock,
    onProblem: ignored,
    onChange: ignored,
  })
  try {
    return await work(tables)
  } finally {
    tables.close()
  }
}

/** As the API gives them. */
function shapesOf(tables: Tables): Item {
  return { items: tables.shapes.map((shape) => ({ ...shape, rows: tables.rows(shape.name).length })) }
}

function itemOfTable(tables: Tables, name: string): Item {
  const rows = tables.rows(name).map(itemOfRow)
  const shape: TableShape | undefined = tables.shapes.find((one) => one.name === name)
  return { ...shape, rows }
}

function itemOfRow({ keys, values, from, to, version }: TableRow): Item {
  return { keys, values, version, ...(from ? { from: from.text } : {}), ...(to ? { to: to.text } : {}) }
}
