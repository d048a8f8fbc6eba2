import type { Language } from '@shuniu/contracts'
import { readOptions } from '@shuniu/infra/config'
import { version as productVersion } from '../version.ts'
import { HubApi } from './api.ts'
import { settingFlags, type Cli, type CliCommand } from './command.ts'
import { exits, report } from './failure.ts'
import { processHost, type Host } from './host.ts'
import { hubOf } from './hub-address.ts'
import { readCommandLine, type Typed } from './program.ts'
import { Screen } from './screen.ts'
import { ours, settingsOf } from './settings.ts'
import { endWithStreams } from './streams.ts'

type Family = () => Promise<readonly CliCommand[]>

/** Every command by its first word, in the order help shows them. Only what is asked for is loaded. */
const families: Readonly<Record<string, Family>> = {
  demo: async () => [(await import('./commands/demo.ts')).demo],
  start: async () => [(await import('./commands/start.ts')).start],
  sim: async () => [(await import('./commands/sim.ts')).sim],
  lint: async () => [(await import('./commands/lint.ts')).lint],
  test: async () => [(await import('./commands/test.ts')).test],
  flow: async () => [(await import('./commands/flow-dry-run.ts')).flowDryRun],
  expr: async () => [(await import('./commands/expr.ts')).expr],
  plan: async () => [(await import('./commands/apply.ts')).plan],
  apply: async () => [(await import('./commands/apply.ts')).apply],
  status: async () => [(await import('./commands/status.ts')).status],
  runs: async () => [(await import('./commands/runs.ts')).runs],
  effects: async () => [(await import('./commands/effects.ts')).effects],
  receipts: async () => [(await import('./commands/receipts.ts')).receipts],
  trace: async () => [(await import('./commands/trace.ts')).trace],
  park: async () => (await import('./commands/park.ts')).parkCommands,
  replay: async () => [(await import('./commands/replay.ts')).replay],
  reconcile: async () => [(await import('./commands/reconcile.ts')).reconcile],
  connection: async () => (await import('./commands/connection.ts')).connectionCommands,
  tables: async () => (await import('./commands/tables.ts')).tableCommands,
  crosswalk: async () => (await import('./commands/crosswalk.ts')).crosswalkCommands,
  contracts: async () => (await import('./commands/contracts.ts')).contractCommands,
  topics: async () => (await import('./commands/topics.ts')).topicCommands,
  token: async () => (await import('./commands/token.ts')).tokenCommands,
  migrate: async () => [(await import('./commands/migrate.ts')).migrate],
  move: async () => [(await import('./commands/move.ts')).moveCommand],
  backup: async () => [(await import('./commands/backup.ts')).backup],
  log: async () => [(await import('./commands/log-level.ts')).logLevel],
  resync: async () => [(await import('./commands/resync-close.ts')).resyncClose],
  version: async () => [(await import('./commands/version.ts')).version],
}

/**
 * Runs one command and resolves with its exit code: 0 fine, 1 findings or failed, 64 usage, 69 hub not reachable. stdout is
 * data, stderr is talk. Nothing else of the product reads the environment of the process.
 */
export async function main(argv: readonly string[], given?: Host): Promise<number> {
  const language = languageOf(argv, given?.environment ?? process.env)
  const host = given ?? processHost(process.env)
  if (!given) endWithStreams(process, language, host.exit)
  const screen = new Screen(host, argv.includes('--json'), language)
  try {
    const typed = await readCommandLine(await commandsFor(argv), argv, { host, language, version: productVersion })
    return await run(typed, host, screen)
  } catch (error) {
    return report(screen, error)
  }
}

/** The family of the first word; all of them where it names none, for help and for the nearest name. */
async function commandsFor(argv: readonly string[]): Promise<readonly CliCommand[]> {
  const [first = ''] = argv.filter((word, at) => !word.startsWith('-') && argv[at - 1] !== '--lang')
  const family = Object.hasOwn(families, first) ? families[first] : undefined
  if (family) return family()
  return (await Promise.all(Object.values(families).map((load) => load()))).flat()
}

async function run(typed: Typed, host: Host, screen: Screen): Promise<number> {
  if (typed.is === 'shown') return typed.asked ? exits.fine : exits.usage
  const { command, given } = typed
  return command.run(await cliOf(typed, host, screen), given)
}

/** Before anything else is understood: help and errors need it. */
function languageOf(argv: readonly string[], environment: Host['environment']): Language {
  const at = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='))
  const lang = at === -1 ? undefined : (argv[at]?.split('=')[1] ?? argv[at + 1])
  const { options } = readOptions({ flags: lang === undefined ? {} : { lang }, environment: ours(environment) })
  return options.lang
}

async function cliOf({ command, given }: Typed & { is: 'command' }, host: Host, screen: Screen): Promise<Cli> {
  const { flags } = given
  const settings = { ...given, flags: settingFlags(command, given) }
  const options = await settingsOf(settings, host, screen, command.needs !== undefined)
  const asked = flags['hub'] === undefined ? (flags['project'] === undefined ? undefined : 'project') : 'hub'
  const api = new HubApi(hubOf(given.flags, host.environment, options), options.token, screen.language)
  return { host, screen, language: screen.language, options, api, asked }
}
