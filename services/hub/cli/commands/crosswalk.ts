import { HubError } from '@shuniu/contracts'
import { itemOf, textOf, type Item } from '../api.ts'
import { flagText, type CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { listing } from '../listing.ts'
import { actorOf } from './park.ts'

const endOf =
  (side: 'from' | 'to') =>
  (item: Item): string => {
    const { connection, id } = itemOf(item[side]) ?? {}
    return `${textOf(connection)}:${textOf(id)}`
  }

const list = listing({
  usage: 'crosswalk list',
  help: 'help.crosswalk-list',
  path: 'crosswalk',
  filters: [
    { flags: '--kind <kind>', help: 'help.kind' },
    { flags: '--id <id>', help: 'help.id' },
  ],
  columns: [
    { title: 'word.kind', of: 'kind' },
    { title: 'word.from', of: endOf('from') },
    { title: 'word.to', of: endOf('to') },
  ],
})

const set: CliCommand = {
  usage: 'crosswalk set <kind> <from> <to>',
  help: 'help.crosswalk-set',
  needs: 'hub',
  options: [
    { flags: '--reason <why>', help: 'help.reason' },
    { flags: '--actor <who>', help: 'help.actor' },
  ],
  async run(cli, given) {
    const { screen } = cli
    const [kind = '', from = '', to = ''] = given.args
    const reason = flagText(given, 'reason')
    const pair = {
      kind,
      from: readEnd(from),
      to: readEnd(to),
      actor: actorOf(cli, given),
      ...(reason ? { reason } : {}),
    }
    const written = await cli.api.post('crosswalk', pair)
    if (screen.json) screen.data(written)
    else screen.line(screen.say('said.pair', { kind, from, to }))
    return exits.fine
  },
}

/** `shuniu crosswalk list|set`: ids of the same thing in different systems. */
export const crosswalkCommands: readonly CliCommand[] = [list, set]

/** `dingtalk-main:D-7`; an id may hold colons itself. */
function readEnd(text: string): { connection: string; id: string } {
  const at = text.indexOf(':')
  if (at < 1 || at === text.length - 1)
    throw new HubError('usage.bad-value', { what: text, example: 'kingdee-main:P01' })
  return { connection: text.slice(0, at), id: text.slice(at + 1) }
}
