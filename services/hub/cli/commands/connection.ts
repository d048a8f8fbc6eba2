import { join } from 'node:path'
import type { Forecast } from '@shuniu/console'
import { HubError, toJson, type Contract } from '@shuniu/contracts'
import { formsShape, writeForms } from '@shuniu/infra/config'
import { writeJson } from '@shuniu/infra/json'
import { CallFailure } from '@shuniu/infra/outbound'
import type { CheckFinding } from '@shuniu/sdk'
import { forecastOf } from '../../forecast.ts'
import { itemOf, itemsOf, longPatience, textOf, type Item } from '../api.ts'
import { flagText, type Cli, type CliCommand, type Given } from '../command.ts'
import { exits, report } from '../failure.ts'
import { showItems } from '../listing.ts'
import { withConnection, worksOn, type Opened } from '../offline.ts'
import type { Screen } from '../screen.ts'
import { writeOut } from '../write-out.ts'

const check: CliCommand = {
  usage: 'connection check <name>',
  help: 'help.connection-check',
  needs: 'either',
  options: [{ flags: '--per-day <n>', help: 'help.per-day' }],
  async run(cli, given) {
    const documentsPerDay = wholeOf(given, 'per-day', 1_000_000)
    const here = async ({ connection, configured }: Opened): Promise<Item> => ({
      findings: (await connection.definition.check(connection.link)).map((one) => spoken(one, cli)),
      forecast: spokenForecast(forecastOf(configured, documentsPerDay), cli),
    })
    const found = await ask(cli, given, 'check', here, documentsPerDay === undefined ? {} : { documentsPerDay })
    if (typeof found === 'number') return found
    if (cli.screen.json) cli.screen.data(found)
    else showCheck(cli, found)
    return itemsOf(found['findings']).every(({ ok }) => ok === true) ? exits.fine : exits.failed
  },
}

const discover: CliCommand = {
  usage: 'connection discover <name>',
  help: 'help.connection-discover',
  needs: 'either',
  options: [{ flags: '--save', help: 'help.save' }],
  async run(cli, given) {
    const found = await ask(cli, given, 'discover', async ({ connection }) => ({
      ...(await connection.definition.discover(connection.link)),
    }))
    if (typeof found === 'number') return found
    if (given.flags['save'] === true) await save(cli, given.args[0] ?? '', found)
    else showDiscovery(cli, found)
    return exits.fine
  },
}

const sample: CliCommand = {
  usage: 'connection sample <name>',
  help: 'help.connection-sample',
  needs: 'either',
  options: [
    { flags: '--form <id>', help: 'help.form' },
    { flags: '--last <n>', help: 'help.last' },
  ],
  async run(cli, given) {
    const form = flagText(given, 'form')
    const last = wholeOf(given, 'last', 100) ?? 1
    const wanted = { last, ...(form === undefined ? {} : { form }) }
    const found = await ask(cli, given, 'sample', (opened) => sampleOf(opened, wanted), wanted)
    if (typeof found === 'number') return found
    // A sample is data for `flow dry-run --event` in either case; for eyes it is only laid out.
    if (cli.screen.json) cli.screen.data(found)
    else cli.screen.line(JSON.stringify(found, undefined, 2))
    return exits.fine
  },
}

/** `shuniu connection check|discover|sample <name>`: by the hub, or opened from the project's folder when there is none. */
export const connectionCommands: readonly CliCommand[] = [check, discover, sample]

/** The whole number from 1 on behind an option, if it was given. Throws `usage.bad-value`. */
function wholeOf(given: Given, name: string, most: number): number | undefined {
  const text = flagText(given, name)
  if (text === undefined) return undefined
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (number < 1 || number > most) throw new HubError('usage.bad-value', { what: `--${name}`, example: '1' })
  return number
}

/** Asks the hub, or the system itself; an exit code when the system refused. */
async function ask(
  cli: Cli,
  { args: [name = ''] }: Given,
  action: 'check' | 'discover' | 'sample',
  here: (opened: Opened) => Promise<Item>,
  body: object = {},
): Promise<Item | number> {
  const { screen, api } = cli
  const where = await worksOn(cli)
  screen.progress(screen.say('said.asking', { connection: name }))
  if (where === 'hub') return api.post(`connections/${encodeURIComponent(name)}/${action}`, body, longPatience)
  return withConnection(cli, name, async (opened) => {
    try {
      return await here(opened)
    } catch (error) {
      if (error instanceof CallFailure) return report(screen, error, opened.connection.definition)
      throw error
    }
  })
}

/** A finding in the user's language, as the API gives it. */
function spoken({ ok, what, help }: CheckFinding, { language }: Cli): Item {
  return { ok, what: what[language], ...(help ? { help: help[language] } : {}) }
}

function spokenForecast({ lines, ...rest }: Forecast, { language }: Cli): Item {
  return { ...rest, lines: lines.map(({ what, calls }) => ({ what: what[language], calls })) }
}

function showCheck({ screen }: Cli, { findings, forecast }: Item): void {
  for (const { ok, what, help } of itemsOf(findings)) {
    screen.line(`${ok === true ? screen.paint('green', '✓') : screen.paint('red', '✗')} ${textOf(what)}`)
    if (ok !== true && help !== undefined) screen.line(`    → ${textOf(help)}`)
  }
  showForecast(screen, itemOf(forecast) ?? {})
}

/** What is planned against what the edition allows. It rests on an assumption, so it is no finding. */
function showForecast(screen: Screen, forecast: Item): void {
  const [calls, perMonth] = [Number(forecast['calls'] ?? 0), Number(forecast['perMonth'] ?? 0)]
  const share =
    perMonth === 0 ? '' : screen.say('said.of-calls', { perMonth, percent: Math.ceil((calls / perMonth) * 100) })
  const planned = screen.say('said.forecast', { documents: textOf(forecast['documentsPerDay']), calls, share })
  screen.line(`\n${perMonth > 0 && calls > perMonth ? screen.paint('yellow', planned) : planned}`)
  const lines = itemsOf(forecast['lines']).filter((line) => line['calls'] !== 0)
  for (const { what, calls: each } of lines) screen.line(`${textOf(each).padStart(10)}  ${textOf(what)}`)
  const used = forecast['usedThisMonth']
  if (used !== undefined) screen.line(screen.say('said.used-so-far', { calls: textOf(used) }))
}

function showDiscovery(cli: Cli, found: Item): void {
  const { screen } = cli
  if (screen.json) return screen.data(found)
  showItems(cli, itemsOf(found['forms']), [
    { title: 'word.form', of: 'id' },
    { title: 'word.title', of: 'title' },
    { title: 'word.fields', of: ({ fields }) => String(itemsOf(fields).length), side: 'right' },
  ])
  for (const [name, rows] of Object.entries(itemOf(found['lists']) ?? {})) {
    const items = itemsOf(rows)
    const columns = [...new Set(items.flatMap((item) => Object.keys(item)))]
    screen.line(`\n${screen.paint('bold', name)}`)
    screen.table(
      columns.map((title) => ({ title })),
      items.map((item) => columns.map((column) => textOf(item[column]))),
    )
  }
}

async function save({ screen, options }: Cli, name: string, found: Item): Promise<void> {
  const forms = formsShape.parse(found['forms'])
  const file = join('connections', `${name}.forms.yaml`)
  await writeOut(join(options.project, file), writeForms(name, forms))
  if (screen.json) screen.data({ file, forms: forms.length })
  else screen.line(screen.say('said.saved', { count: forms.length, file }))
}

async function sampleOf({ open, connection, ingress }: Opened, wanted: { form?: string; last: number }): Promise<Item> {
  const { documents, events } = await (await ingress()).sample(connection.name, wanted)
  return {
    documents: documents.map((one): unknown => JSON.parse(writeJson(one))),
    events: events.map(({ type, data }) => ({ type, data: dataJson(open.contracts, type, data) })),
  }
}

function dataJson(contracts: readonly Contract[], type: string, data: Parameters<typeof toJson>[1]): unknown {
  const contract = contracts.find((one) => one.type === type)
  return contract ? toJson(contract, data) : JSON.parse(writeJson(data))
}
