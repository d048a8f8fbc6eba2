import { HubError } from '@shuniu/contracts'
import { itemsOf, textOf, type Item } from '../api.ts'
import { flagText, type Cli, type CliCommand, type CliOption, type Given } from '../command.ts'
import { exits } from '../failure.ts'
import { listing, momentOf, type ListColumn } from '../listing.ts'
import { wordIn } from '../words.ts'

const columns: readonly ListColumn[] = [
  { title: 'word.id', of: ({ kind, id }) => `${textOf(kind)}:${textOf(id)}` },
  { title: 'word.since', of: 'since', isMoment: true },
  { title: 'word.number', of: 'number' },
  { title: 'word.flow', of: ({ flow, connection }) => textOf(flow ?? connection) },
  { title: 'word.reason', of: 'reason' },
  { title: 'word.message', of: 'message' },
  { title: 'word.next', of: 'next' },
]

const list = listing({
  usage: 'park list',
  help: 'help.park-list',
  path: 'parked',
  filters: [{ flags: '--reason <reason>', help: 'help.by-reason' }],
  columns,
})

const show: CliCommand = {
  usage: 'park show <what>',
  help: 'help.park-show',
  needs: 'hub',
  async run(cli, { args: [what = ''] }) {
    const item = await find(cli, what)
    const { screen } = cli
    if (screen.json) screen.data(item)
    else {
      const { kind, id, number, flow, connection, reason, message, next, actions, effect, since } = item
      screen.pairs([
        [screen.say('word.id'), `${textOf(kind)}:${textOf(id)}`],
        [screen.say('word.number'), textOf(number)],
        [screen.say('word.flow'), textOf(flow ?? connection)],
        [screen.say('word.since'), `${momentOf(since, cli.api.zone)} (${cli.api.zone})`],
        [screen.say('word.reason'), wordIn(screen.language, textOf(reason))],
        [screen.say('word.message'), textOf(message)],
        [screen.say('word.next'), textOf(next)],
        [
          screen.say('word.actions'),
          Array.isArray(actions) ? actions.map((one) => wordIn(screen.language, textOf(one))).join(', ') : '',
        ],
        [screen.say('word.effect'), textOf(effect)],
      ])
    }
    return exits.fine
  },
}

const decision: readonly CliOption[] = [
  { flags: '--reason <why>', help: 'help.reason', required: true },
  { flags: '--actor <who>', help: 'help.actor' },
]

const retry: CliCommand = {
  usage: 'park retry <what>',
  help: 'help.park-retry',
  needs: 'hub',
  options: decision,
  run: (cli, given) => decide(cli, given, 'retry'),
}

const resolve: CliCommand = {
  usage: 'park resolve <what>',
  help: 'help.park-resolve',
  needs: 'hub',
  options: [
    { flags: '--document <id>', help: 'help.document', required: true },
    { flags: '--accept', help: 'help.accept' },
    ...decision,
  ],
  run: (cli, given) =>
    decide(cli, given, 'resolve', { document: flagText(given, 'document'), accept: given.flags['accept'] === true }),
}

const drop: CliCommand = {
  usage: 'park drop <what>',
  help: 'help.park-drop',
  needs: 'hub',
  options: decision,
  run: (cli, given) => decide(cli, given, 'drop'),
}

/** `shuniu park list|show|retry|resolve|drop`: what waits for a person. `<what>` is `run:7`, `receipt:3`, `7` or a number. */
export const parkCommands: readonly CliCommand[] = [list, show, retry, resolve, drop]

async function decide(
  cli: Cli,
  given: Given,
  action: 'retry' | 'resolve' | 'drop',
  more: object = {},
): Promise<number> {
  const { kind, id } = await target(cli, given.args[0] ?? '')
  const body = { reason: flagText(given, 'reason'), actor: actorOf(cli, given), ...more }
  const decided = await cli.api.post(`parked/${kind}/${id}/${action}`, body)
  if (cli.screen.json) cli.screen.data(decided)
  else {
    const [what, state] = [kind, textOf(decided['state'])].map((word) => wordIn(cli.language, word))
    cli.screen.line(cli.screen.say('said.decided', { kind: what, id, state }))
  }
  return exits.fine
}

/** Who decides, for the audit log. */
export function actorOf({ host }: Cli, given: Given): string {
  return flagText(given, 'actor') ?? host.environment['USER'] ?? host.environment['USERNAME'] ?? 'cli'
}

interface Target {
  readonly kind: 'run' | 'receipt'
  readonly id: string
}

/** Ids of ours are short; a longer number is the document's own, as people know it. */
async function target(cli: Cli, what: string): Promise<Target> {
  const [, kind, id] = /^(?:(run|receipt):)?(\d{1,15})$/.exec(what) ?? []
  if (id !== undefined) return { kind: kind === 'receipt' ? 'receipt' : 'run', id }
  if (kind === undefined && what.includes(':')) throw new HubError('usage.bad-value', { what, example: 'run:7' })
  const item = await find(cli, what)
  return { kind: item['kind'] === 'receipt' ? 'receipt' : 'run', id: textOf(item['id']) }
}

async function find({ api }: Cli, what: string): Promise<Item> {
  const [, kind = 'run', id] = /^(?:(run|receipt):)?(\d{1,15})$/.exec(what) ?? []
  let cursor: string | undefined
  do {
    const page = await api.get('parked', { limit: '500', cursor })
    const found = itemsOf(page['items']).find((item) =>
      id === undefined ? item['number'] === what : item['kind'] === kind && textOf(item['id']) === id,
    )
    if (found) return found
    cursor = page['next'] === undefined ? undefined : textOf(page['next'])
  } while (cursor !== undefined)
  throw new HubError('cli.not-parked', { what })
}
