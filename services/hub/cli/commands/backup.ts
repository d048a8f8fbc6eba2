import { resolve } from 'node:path'
import { longPatience, textOf } from '../api.ts'
import type { CliCommand } from '../command.ts'
import { exits } from '../failure.ts'

/** `shuniu backup <file>`: a consistent copy while the hub runs. The path is one of the hub's machine. */
export const backup: CliCommand = {
  usage: 'backup <file>',
  help: 'help.backup',
  needs: 'hub',
  async run({ api, screen }, { args: [file = ''] }) {
    screen.progress(screen.say('said.backing-up'))
    const written = await api.post('backup', { file: resolve(file) }, longPatience)
    if (screen.json) screen.data(written)
    else screen.line(screen.say('said.backed-up', { file: textOf(written['file']), bytes: textOf(written['bytes']) }))
    return exits.fine
  },
}
