import { version as product } from '../../version.ts'
import type { CliCommand } from '../command.ts'
import { exits } from '../failure.ts'

/** `shuniu version`: which Shuniu, on which Node. */
export const version: CliCommand = {
  usage: 'version',
  help: 'help.version',
  async run({ screen }) {
    const { node } = process.versions
    if (screen.json) screen.data({ version: product, node, platform: `${process.platform}-${process.arch}` })
    else screen.line(`shuniu ${product} · Node ${node} · ${process.platform}-${process.arch}`)
    return exits.fine
  },
}
