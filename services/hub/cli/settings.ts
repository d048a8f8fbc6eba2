import { readOptions, type HubFile, type Options } from '@shuniu/infra/config'
import type { Given } from './command.ts'
import type { Host } from './host.ts'
import type { Screen } from './screen.ts'

/** Settings of the process: flag, environment, hub.yaml, default. Throws the first that cannot be understood. */
export function settingsOf({ flags }: Given, host: Host, screen: Screen, hub?: HubFile): Options {
  const { options, problems } = readOptions({ flags, environment: ours(host.environment), hub })
  const wrong = problems.find(({ severity }) => severity === 'error')
  if (wrong) throw wrong.error
  for (const { error } of problems) screen.talk(`${error.say(screen.language)} ${error.help(screen.language)}`)
  return options
}

/** The address of a hub to ask is no setting of a hub. */
export function ours(environment: Host['environment']): Host['environment'] {
  const { SHUNIU_HUB: _, ...rest } = environment
  return rest
}
