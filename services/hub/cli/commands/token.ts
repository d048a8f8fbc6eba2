import { textOf } from '../api.ts'
import { flagText, type CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { listing, momentOf } from '../listing.ts'
import { actorOf } from './park.ts'

const create: CliCommand = {
  usage: 'token create',
  help: 'help.token-create',
  needs: 'hub',
  options: [
    { flags: '--role <role>', help: 'help.token-role', required: true, own: true },
    { flags: '--name <name>', help: 'help.token-name', required: true },
    { flags: '--expires <duration>', help: 'help.token-expires' },
    { flags: '--actor <who>', help: 'help.actor' },
  ],
  async run(cli, given) {
    const [role, name, expires] = ['role', 'name', 'expires'].map((flag) => flagText(given, flag))
    const made = await cli.api.post('tokens', { role, name, expires, actor: actorOf(cli, given) })
    const { screen, api } = cli
    if (screen.json) screen.data(made)
    else {
      screen.line(textOf(made['token']))
      screen.talk(screen.say('said.token'))
      if (made['expiresAt'] !== undefined) {
        screen.talk(screen.say('said.token-until', { time: momentOf(made['expiresAt'], api.zone), zone: api.zone }))
      }
    }
    return exits.fine
  },
}

const list = listing({
  usage: 'token list',
  help: 'help.token-list',
  path: 'tokens',
  filters: [],
  whole: true,
  columns: [
    { title: 'word.name', of: 'name' },
    { title: 'word.role', of: 'role' },
    { title: 'word.state', of: 'state' },
    { title: 'word.created', of: 'createdAt', isMoment: true },
    { title: 'word.expires', of: 'expiresAt', isMoment: true },
    { title: 'word.revoked', of: 'revokedAt', isMoment: true },
  ],
})

const revoke: CliCommand = {
  usage: 'token revoke <name>',
  help: 'help.token-revoke',
  needs: 'hub',
  options: [{ flags: '--actor <who>', help: 'help.actor' }],
  async run(cli, given) {
    const [name = ''] = given.args
    const revoked = await cli.api.post(`tokens/${encodeURIComponent(name)}/revoke`, { actor: actorOf(cli, given) })
    if (cli.screen.json) cli.screen.data(revoked)
    else cli.screen.line(cli.screen.say('said.token-revoked', { name }))
    return exits.fine
  },
}

/** `shuniu token create|list|revoke`: who may use the API from elsewhere. */
export const tokenCommands: readonly CliCommand[] = [create, list, revoke]
