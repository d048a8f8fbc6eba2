import { flagText, type CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { actorOf } from './park.ts'

/** `shuniu resync close`: a person says that what is in the target is known again. */
export const resyncClose: CliCommand = {
  usage: 'resync close',
  help: 'help.resync-close',
  needs: 'hub',
  options: [
    { flags: '--reason <why>', help: 'help.reason', required: true },
    { flags: '--actor <who>', help: 'help.actor' },
  ],
  async run(cli, given) {
    const answer = await cli.api.post('resync/close', { reason: flagText(given, 'reason'), actor: actorOf(cli, given) })
    if (cli.screen.json) cli.screen.data(answer)
    else cli.screen.line(cli.screen.say('said.resync-closed'))
    return exits.fine
  },
}
