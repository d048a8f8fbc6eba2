import { join } from 'node:path'
import {
  decode,
  hubShape,
  readOptions,
  readText,
  readYaml,
  yamlLimits,
  type HubFile,
  type Options,
} from '@shuniu/infra/config'
import type { Given } from './command.ts'
import type { Host } from './host.ts'
import type { Screen } from './screen.ts'

/**
 * Settings of the process: flag, environment, hub.yaml of the project if the command has one, default. Throws the first that
 * cannot be understood.
 */
export async function settingsOf({ flags }: Given, host: Host, screen: Screen, ofProject: boolean): Promise<Options> {
  const environment = ours(host.environment)
  const { project } = readOptions({ flags, environment }).options
  const hub = ofProject ? await readHubFile(project) : undefined
  const { options, problems } = readOptions({ flags, environment, hub })
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

/** hub.yaml for its settings alone; what is wrong with it is said with the whole project. */
async function readHubFile(project: string): Promise<HubFile | undefined> {
  const { text } = await readText(join(project, 'hub.yaml'), 'hub.yaml', yamlLimits.bytes)
  const node = text === undefined ? undefined : readYaml(text, 'hub.yaml').node
  return node && decode(node, hubShape).value
}
