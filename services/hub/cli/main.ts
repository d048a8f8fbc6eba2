import { HubError, type Language } from '@shuniu/contracts'
import { readOptions } from '@shuniu/infra/config'
import { version as productVersion } from '../version.ts'
import { HubApi } from './api.ts'
import type { Cli, CliCommand, Given } from './command.ts'
import { backup } from './commands/backup.ts'
import { connectionCommands } from './commands/connection.ts'
import { contractCommands } from './commands/contracts.ts'
import { crosswalkCommands } from './commands/crosswalk.ts'
import { demo } from './commands/demo.ts'
import { effects } from './commands/effects.ts'
import { expr } from './commands/expr.ts'
import { flowDryRun } from './commands/flow-dry-run.ts'
import { lint } from './commands/lint.ts'
import { parkCommands } from './commands/park.ts'
import { receipts } from './commands/receipts.ts'
import { reconcile } from './commands/reconcile.ts'
import { replay } from './commands/replay.ts'
import { resyncClose } from './commands/resync-close.ts'
import { runs } from './commands/runs.ts'
import { sim } from './commands/sim.ts'
import { start } from './commands/start.ts'
import { status } from './commands/status.ts'
import { tableCommands } from './commands/tables.ts'
import { test } from './commands/test.ts'
import { trace } from './commands/trace.ts'
import { version } from './commands/version.ts'
import { exits, report } from './failure.ts'
import { processHost, type Host } from './host.ts'
import { readCommandLine, type Typed } from './program.ts'
import { Screen } from './screen.ts'
import { ours, settingsOf } from './settings.ts'

/** Every command, in the order help shows them. */
const commands: readonly CliCommand[] = [
  demo,
  start,
  sim,
  lint,
  test,
  flowDryRun,
  expr,
  status,
  runs,
  effects,
  receipts,
  trace,
  ...parkCommands,
  replay,
  reconcile,
  ...connectionCommands,
  ...tableCommands,
  ...crosswalkCommands,
  ...contractCommands,
  backup,
  resyncClose,
  version,
]

const defaultHub = 'http://127.0.0.1:7070'

/**
 * Runs one command and resolves with its exit code: 0 fine, 1 findings or failed, 2 changes pending, 64 usage, 69 hub not
 * reachable. stdout is data, stderr is talk. Nothing else of the product reads the environment of the process.
 */
export async function main(argv: readonly string[], host: Host = processHost(process.env)): Promise<number> {
  const language = languageOf(argv, host.environment)
  const screen = new Screen(host, argv.includes('--json'), language)
  try {
    const typed = await readCommandLine(commands, argv, { host, language, version: productVersion })
    return await run(typed, host, screen)
  } catch (error) {
    return report(screen, error)
  }
}

function run(typed: Typed, host: Host, screen: Screen): Promise<number> | number {
  if (typed.is === 'shown') return typed.asked ? exits.fine : exits.usage
  const { command, given } = typed
  return command.run(cliOf(given, host, screen), given)
}

/** Before anything else is understood: help and errors need it. */
function languageOf(argv: readonly string[], environment: Host['environment']): Language {
  const at = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='))
  const lang = at === -1 ? undefined : (argv[at]?.split('=')[1] ?? argv[at + 1])
  const { options } = readOptions({ flags: lang === undefined ? {} : { lang }, environment: ours(environment) })
  return options.lang
}

function cliOf(given: Given, host: Host, screen: Screen): Cli {
  const { flags } = given
  const options = settingsOf(given, host, screen)
  const asked = flags['hub'] === undefined ? (flags['project'] === undefined ? undefined : 'project') : 'hub'
  const api = new HubApi(hubOf(given, host.environment), options.token, screen.language)
  return { host, screen, language: screen.language, options, api, asked }
}

function hubOf({ flags }: Given, environment: Host['environment']): string {
  const said = flags['hub'] ?? environment['SHUNIU_HUB']
  const url = String(said || defaultHub)
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new HubError('usage.bad-value', { what: flags['hub'] ? '--hub' : 'SHUNIU_HUB', example: defaultHub })
  }
  return url.replace(/\/+$/, '')
}
