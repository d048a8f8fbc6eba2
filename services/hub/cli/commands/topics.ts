import { Duration, HubError, Instant } from '@shuniu/contracts'
import type { KafkaLogSettings } from '@shuniu/infra/config'
import {
  applyTopics,
  grantCommand,
  planTopics,
  rightsFor,
  type KafkaDriver,
  type TopicChange,
  type TopicPlan,
  type TopicStanding,
  type TopicsWanted,
} from '@shuniu/infra/kafka'
import { intakeReader } from '@shuniu/orchestrator'
import { neededTopics } from '../../needed-topics.ts'
import type { OpenProject } from '../../project.ts'
import { textOf } from '../api.ts'
import { flagText, type Cli, type CliCommand, type Given } from '../command.ts'
import { exits, saidOf } from '../failure.ts'
import { onKafka, withKafka } from '../on-kafka.ts'
import { actorOf } from './park.ts'
import { tail } from './topics-tail.ts'

const plan: CliCommand = {
  usage: 'topics plan',
  help: 'help.topics-plan',
  needs: 'project',
  options: [
    { flags: '--acl', help: 'help.topics-acl' },
    { flags: '--user <name>', help: 'help.topics-user' },
    { flags: '--readers <names>', help: 'help.topics-readers' },
  ],
  async run(cli, given) {
    if (given.flags['acl'] === true) return showRights(cli, given)
    const { found, owners } = await onTopics(cli, async (kafka, wanted, open) => {
      const named = open.contracts.map(({ topic, owner }) => [wanted.prefix + topic, owner] as const)
      return { owners: new Map(named), found: await planTopics(kafka, wanted) }
    })
    show(cli, found, owners)
    if (found.problems.length > 0) return exits.failed
    return found.changes.length > 0 ? exits.changes : exits.fine
  },
}

const apply: CliCommand = {
  usage: 'topics apply',
  help: 'help.topics-apply',
  needs: 'project',
  options: [{ flags: '--drained', help: 'help.topics-drained' }],
  async run(cli, { flags }) {
    const done = await onTopics(cli, async (kafka, wanted) => {
      const before = await planTopics(kafka, wanted)
      await applyTopics(kafka, before, { drained: flags['drained'] === true })
      return before.changes
    })
    const { screen } = cli
    if (screen.json) screen.data({ changes: done.map(changeItem) })
    else {
      for (const one of done) screen.line(lineOf(cli, one))
      screen.talk(screen.say('said.topics-applied', { changes: done.length }))
    }
    return exits.fine
  },
}

const acceptGap: CliCommand = {
  usage: 'topics accept-gap <topic>',
  help: 'help.topics-accept-gap',
  needs: 'hub',
  options: [
    { flags: '--partition <number>', help: 'help.partition', required: true },
    { flags: '--because <why>', help: 'help.reason', required: true },
    { flags: '--actor <who>', help: 'help.actor' },
  ],
  async run(cli, given) {
    const { args, flags } = given
    const partition = Number(flags['partition'])
    if (!Number.isSafeInteger(partition) || partition < 0)
      throw new HubError('usage.bad-value', { what: String(flags['partition']), example: '--partition 0' })
    const decision = { reason: flagText(given, 'because'), actor: actorOf(cli, given) }
    const gap = await cli.api.post('topics/accept-gap', { topic: args[0], partition, ...decision })
    if (cli.screen.json) cli.screen.data(gap)
    else cli.screen.line(cli.screen.say('said.gap', { from: textOf(gap['from']), earliest: textOf(gap['earliest']) }))
    return exits.fine
  },
}

/** `shuniu topics plan|apply|tail|accept-gap`: the topics of a project on Kafka. They are made here and nowhere else. */
export const topicCommands: readonly CliCommand[] = [plan, apply, tail, acceptGap]

async function wantedOf(cli: Cli): Promise<{ wanted: TopicsWanted; open: OpenProject; log: KafkaLogSettings }> {
  const { open, log } = await onKafka(cli)
  const { prefix, partitions, replication, durability, retention } = log
  const terms = { partitions, replication, durability, retention }
  return { log, open, wanted: { ...terms, prefix, reader: intakeReader, topics: neededTopics(open) } }
}

async function onTopics<T>(
  cli: Cli,
  work: (kafka: KafkaDriver, wanted: TopicsWanted, open: OpenProject) => Promise<T>,
): Promise<T> {
  const { log, wanted, open } = await wantedOf(cli)
  return withKafka(cli, log, (kafka) => work(kafka, wanted, open))
}

/** The commands that grant what each user needs. Nothing is asked of the cluster. */
async function showRights(cli: Cli, given: Given): Promise<number> {
  const { wanted, log } = await wantedOf(cli)
  const user = flagText(given, 'user')
  const users = {
    ingress: user ?? 'shuniu-ingress',
    orchestrator: user ?? 'shuniu-orchestrator',
    readers: (flagText(given, 'readers') ?? '').split(',').flatMap((name) => name.trim() || []),
  }
  const rights = rightsFor(wanted, users)
  if (cli.screen.json) cli.screen.data({ rights })
  else for (const right of rights) cli.screen.line(grantCommand(right, log.brokers[0] ?? ''))
  return exits.fine
}

/** Who answers for the events on a topic, by its name on the cluster. */
type Owners = ReadonlyMap<string, string>

function show(cli: Cli, { changes, problems, topics }: TopicPlan, owners: Owners): void {
  const { screen, language } = cli
  if (screen.json) {
    const items = topics.map(({ since, retention = null, ...one }) => ({
      ...one,
      owner: owners.get(one.topic),
      retention,
      since: since === undefined ? null : new Instant(since),
    }))
    return screen.data({
      topics: items,
      changes: changes.map(changeItem),
      problems: problems.map((one) => saidOf(one, language)),
    })
  }
  const columns = ['topic', 'owner', 'partitions', 'copies', 'records', 'kept', 'since'] as const
  screen.table(
    columns.map((word) => ({ title: screen.say(`word.${word}`) })),
    topics.map((one) => [one.topic, owners.get(one.topic) ?? '–', ...rowOf(cli, one)]),
  )
  for (const one of changes) screen.line(lineOf(cli, one))
  for (const one of problems)
    screen.line(`${screen.paint('red', one.code)}  ${one.say(language)} ${one.help(language)}`)
  screen.talk(screen.say('said.topics-plan', { changes: changes.length, problems: problems.length }))
}

function rowOf(
  { screen }: Cli,
  { exists, partitions, replication, records, retention, since }: TopicStanding,
): string[] {
  if (!exists) return ['–', '–', '–', '–', '–']
  const kept = retention === undefined ? screen.say('word.forever') : lengthOf(retention)
  const reaches = since === undefined ? '–' : new Instant(since).toString()
  return [String(partitions), String(replication), String(records), kept, reaches]
}

const day = 86_400_000

function lengthOf(ms: number): string {
  return ms % day === 0 ? `${ms / day}d` : new Duration(ms).toString()
}

function changeItem(one: TopicChange): object {
  return one.is === 'create' ? { is: one.is, ...one.wanted } : one
}

function lineOf({ screen }: Cli, one: TopicChange): string {
  if (one.is === 'create') return `+ ${one.topic} (${one.wanted.partitions} × ${one.wanted.replication})`
  if (one.is === 'set') return `~ ${one.topic} ${one.setting}: ${one.from || '–'} → ${one.to}`
  return `~ ${one.topic} ${screen.say('word.partitions')}: ${one.from} → ${one.to}`
}
