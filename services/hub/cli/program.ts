import { Argument, Command, CommanderError, Option } from 'commander'
import { HubError, nearest, type Language } from '@shuniu/contracts'
import type { CliCommand, Given } from './command.ts'
import type { Host } from './host.ts'
import { say, type TextKey } from './texts.ts'
import { widthOf } from './width.ts'

/** What was understood of a command line. */
export type Typed =
  | { readonly is: 'command'; readonly command: CliCommand; readonly given: Given }
  /** Help or version was shown; it was asked for, or there was nothing to do. */
  | { readonly is: 'shown'; readonly asked: boolean }

export interface ProgramGround {
  readonly host: Pick<Host, 'out' | 'err'>
  readonly language: Language
  readonly version: string
}

/** Reads a command line. Throws `usage.*`. */
export async function readCommandLine(
  commands: readonly CliCommand[],
  argv: readonly string[],
  ground: ProgramGround,
): Promise<Typed> {
  const found: { typed?: Typed } = {}
  const [only] = commands.length === 1 ? commands : []
  const more = (await only?.more?.()) ?? ''
  const chosen: Chosen = (command, given) => (found.typed = { is: 'command', command, given })
  const program = programOf(commands, ground, chosen, more)
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (['commander.helpDisplayed', 'commander.version'].includes(error.code)) return { is: 'shown', asked: true }
    if (error.code === 'commander.help') return { is: 'shown', asked: false }
    throw usageError(error, commands, argv)
  }
  return found.typed ?? { is: 'shown', asked: true }
}

type Chosen = (command: CliCommand, given: Given) => void

function programOf(commands: readonly CliCommand[], ground: ProgramGround, chosen: Chosen, more: string): Command {
  const { language, version } = ground
  const program = dressed(new Command('shuniu'), ground)
    .description(say(language, 'help.shuniu'))
    .option('--json', say(language, 'help.json'))
    .option('--lang <zh|en>', say(language, 'help.lang'))
    .version(version, '-V, --version', say(language, 'help.version-flag'))
    .helpCommand(true)
  for (const command of commands) add(program, command, ground, chosen).addHelpText('after', more && `\n${more}`)
  return program
}

/** What every command inherits: exceptions instead of exits, our streams, titles in the user's language. */
function dressed(command: Command, { host, language }: ProgramGround): Command {
  const titles = new Map<string, TextKey>([
    ['Usage:', 'help.usage'],
    ['Arguments:', 'help.arguments'],
    ['Options:', 'help.options'],
    ['Global Options:', 'help.global-options'],
    ['Commands:', 'help.commands'],
  ])
  return command
    .exitOverride()
    .showSuggestionAfterError(false)
    .helpOption('-h, --help', say(language, 'help.help'))
    .configureOutput({
      writeOut: (text) => void host.out.write(text),
      writeErr: (text) => void host.err.write(text),
      outputError: () => undefined,
    })
    .configureHelp({
      showGlobalOptions: true,
      displayWidth: widthOf,
      styleTitle: (title) => {
        const key = titles.get(title)
        return key ? say(language, key) : title
      },
    })
}

function add(program: Command, declared: CliCommand, ground: ProgramGround, chosen: Chosen): Command {
  const words = declared.usage.split(' ')
  const names = words.filter((word) => !/^[<[]/.test(word))
  const own = names.pop() ?? ''
  const parent = names.reduce((above, name) => groupOf(above, name, ground), program)
  const command = dressed(parent.command(own), ground).description(say(ground.language, declared.help))
  for (const word of words.filter((one) => /^[<[]/.test(one))) command.addArgument(new Argument(word))
  for (const option of optionsOf(declared, ground.language)) command.addOption(option)
  if (declared.handsOn) command.allowUnknownOption().allowExcessArguments()
  else command.allowExcessArguments(false)
  command.action(() => chosen(declared, { args: command.args, flags: flagsOf(command) }))
  return command
}

/** Words that stand before others: `park`, `connection`. */
function groupOf(above: Command, name: string, ground: ProgramGround): Command {
  const known = above.commands.find((one) => one.name() === name)
  if (known) return known
  const key = groups.get(name)
  return dressed(above.command(name), ground).description(key ? say(ground.language, key) : '')
}

const groups = new Map<string, TextKey>([
  ['flow', 'help.flow'],
  ['park', 'help.park'],
  ['connection', 'help.connection'],
  ['tables', 'help.tables'],
  ['crosswalk', 'help.crosswalk'],
  ['contracts', 'help.contracts'],
  ['log', 'help.log-group'],
  ['resync', 'help.resync-group'],
  ['topics', 'help.topics-group'],
  ['token', 'help.token-group'],
])

function optionsOf({ options = [], needs }: CliCommand, language: Language): Option[] {
  const own = options.map(({ flags, help, required = false }) =>
    new Option(flags, say(language, help)).makeOptionMandatory(required),
  )
  const shared: [string, TextKey][] = []
  if (needs === 'hub' || needs === 'either') shared.push(['--hub <url>', 'help.hub'], ['--token <token>', 'help.token'])
  if (needs) shared.push(['--project <dir>', 'help.project'])
  return [...own, ...shared.map(([flags, help]) => new Option(flags, say(language, help)))]
}

function flagsOf(command: Command): Given['flags'] {
  const given: Record<string, unknown> = command.optsWithGlobals()
  const named = Object.entries(given).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'boolean' ? [[dashed(name), value] as const] : [],
  )
  return Object.fromEntries(named)
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

function usageError(
  { code, message }: CommanderError,
  commands: readonly CliCommand[],
  argv: readonly string[],
): HubError {
  const [, named = ''] = /'([^']*)'/.exec(message) ?? []
  const words = argv.filter((word, at) => !word.startsWith('-') && argv[at - 1] !== '--lang').join(' ')
  const known = commands.map(({ usage }) => usage.replace(/ [<[].*$/, ''))
  const command = known.find((one) => `${words} `.startsWith(`${one} `)) ?? words
  switch (code) {
    case 'commander.unknownCommand':
      return new HubError('usage.unknown-command', { command, nearest: nearest(command, known, Infinity) ?? 'help' })
    case 'commander.unknownOption':
      return new HubError('usage.unknown-option', { command, option: named })
    case 'commander.missingArgument':
      return new HubError('usage.missing', { command, what: `<${named}>` })
    case 'commander.missingMandatoryOptionValue':
    case 'commander.optionMissingArgument':
      return new HubError('usage.missing', { command, what: named })
    case 'commander.excessArguments':
      return new HubError('usage.too-many', { command })
    default:
      return new HubError('usage.refused', { because: message })
  }
}
