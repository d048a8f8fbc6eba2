import { HubError } from '@shuniu/contracts'
import { help, runSimulator } from '@shuniu/sdk/simulator'
import { findSimulators } from '../../connectors.ts'
import type { CliCommand } from '../command.ts'

/** `shuniu sim <system>`: a simulator as a program. It reads its own flags, prints its own ready line and ends itself. */
export const sim: CliCommand = {
  usage: 'sim <system>',
  help: 'help.sim',
  handsOn: true,
  async more() {
    return [...(await findSimulators()).values()].map(help).join('\n')
  },
  async run(_cli, { args: [system = '', ...flags] }) {
    const simulators = await findSimulators()
    const found = simulators.get(system)
    if (!found)
      throw new HubError('cli.unknown-simulator', { simulator: system, known: [...simulators.keys()].join(', ') })
    await runSimulator(found, ['shuniu', `sim ${system}`, ...flags])
    return new Promise<number>(() => undefined)
  },
}
