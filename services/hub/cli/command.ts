import type { Language } from '@shuniu/contracts'
import type { Options } from '@shuniu/infra/config'
import type { HubApi } from './api.ts'
import type { Host } from './host.ts'
import type { Screen } from './screen.ts'
import type { TextKey } from './texts.ts'

/** What a command works with. */
export interface Cli {
  readonly host: Host
  readonly screen: Screen
  readonly language: Language
  /** Settings of the process: flag, environment, hub.yaml, default. */
  readonly options: Options
  /** The hub to ask: the one of the project, unless --hub or SHUNIU_HUB names another. */
  readonly api: HubApi
  /** Which of the two was named: `--hub` binds a command to the hub, `--project` to the folder. */
  readonly asked: 'hub' | 'project' | undefined
}

/** What was typed behind the command. */
export interface Given {
  /** Arguments in the order of `usage`; what was left out is missing. */
  readonly args: readonly string[]
  /** Options by name without dashes: `hooks-port`. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
}

/** One command: how it is typed, what it says about itself, what it does. */
export interface CliCommand {
  /** Words and arguments: `park retry <what> <id>`, `test [files...]`. */
  readonly usage: string
  readonly help: TextKey
  readonly options?: readonly CliOption[]
  /** All have --project; `hub`, which asks the hub of that project, and `either` have --hub and --token as well. */
  readonly needs?: 'hub' | 'project' | 'either'
  /** Options it does not know belong to somebody else. */
  readonly handsOn?: boolean
  /** What its own help says besides. */
  more?(): Promise<string>
  /** Resolves with the exit code. Expected failures are thrown as `HubError`. */
  run(cli: Cli, given: Given): Promise<number>
}

export interface CliOption {
  /** `--period <yyyy-MM>` */
  readonly flags: string
  readonly help: TextKey
  readonly required?: boolean
  /** No setting of the process, though one has this name. */
  readonly own?: boolean
}

/** The flags that may be settings of the process. */
export function settingFlags({ options = [] }: Pick<CliCommand, 'options'>, { flags }: Given): Given['flags'] {
  const own = new Set(options.flatMap(({ flags: written, own: isOwn }) => (isOwn ? [nameOf(written)] : [])))
  return Object.fromEntries(Object.entries(flags).filter(([name]) => !own.has(name)))
}

/** `role` of `--role <role>` */
const nameOf = (written: string): string => /^--([a-z-]+)/.exec(written)?.[1] ?? ''

/** An option's text; undefined when it was not given. */
export function flagText({ flags }: Given, name: string): string | undefined {
  const value = flags[name]
  return typeof value === 'string' ? value : undefined
}
