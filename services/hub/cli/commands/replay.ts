import { HubError } from '@shuniu/contracts'
import { itemsOf, longPatience, textOf } from '../api.ts'
import { flagText, type Cli, type CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { showItems, type ListColumn } from '../listing.ts'
import { wordIn } from '../words.ts'

/** `shuniu replay`: older events once more to a flow. Without `--apply` it only shows. */
export const replay: CliCommand = {
  usage: 'replay',
  help: 'help.replay',
  needs: 'hub',
  options: [
    { flags: '--flow <name>', help: 'help.replay-flow', required: true },
    { flags: '--from <time>', help: 'help.from' },
    { flags: '--to <time>', help: 'help.to' },
    { flags: '--key <key>', help: 'help.by-key' },
    { flags: '--apply', help: 'help.apply' },
    { flags: '--reason <why>', help: 'help.reason' },
  ],
  async run(cli, given) {
    const { api, screen } = cli
    const flow = flagText(given, 'flow') ?? ''
    const apply = given.flags['apply'] === true
    const reason = flagText(given, 'reason')
    if (apply && reason === undefined) throw new HubError('usage.missing', { command: 'replay', what: '--reason' })
    const [from, to, key] = ['from', 'to', 'key'].map((name) => flagText(given, name))
    const ask = { flow, from, to, key, apply, reason: reason ?? 'shown' }
    const found = await api.post('replay', ask, longPatience)
    const events = countOf(found['events'])
    if (screen.json) screen.data(found)
    else if (apply) screen.line(screen.say('said.replayed', { delivered: countOf(found['delivered']), events, flow }))
    else {
      screen.line(screen.say('said.replay-events', { events }))
      for (const [list, title] of lists) {
        const effects = itemsOf(found[list])
        if (effects.length > 0) screen.line(`\n${screen.say(title)}`)
        if (effects.length > 0) showItems(cli, effects, columns(cli))
      }
      screen.talk(screen.say('said.replay-apply'))
    }
    return exits.fine
  },
}

const lists = [
  ['existing', 'said.replay-existing'],
  ['others', 'said.replay-others'],
] as const

const columns = (cli: Cli): ListColumn[] => [
  { title: 'word.reference', of: 'reference' },
  { title: 'word.number', of: 'number' },
  { title: 'word.operation', of: 'operation' },
  {
    title: 'word.state',
    of: ({ state, undoneBy }) => (undoneBy ? cli.screen.say('word.undone') : wordIn(cli.language, textOf(state))),
  },
  { title: 'word.document', of: ({ documentNumber, document }) => textOf(documentNumber ?? document) },
]

/** A list is counted, a number is taken. */
function countOf(value: unknown): number {
  return Array.isArray(value) ? value.length : Number(value ?? 0)
}
