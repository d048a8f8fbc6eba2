import type { Contract } from '@shuniu/contracts'
import { openProject } from '../../project.ts'
import type { Cli } from '../command.ts'
import { ours } from '../settings.ts'

/** The contracts of the hub, and the project's own. */
export async function contractsOf({ options, host }: Cli): Promise<readonly Contract[]> {
  return (await openProject(options.project, ours(host.environment))).contracts
}
