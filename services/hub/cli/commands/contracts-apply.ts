import type { Contract } from '@shuniu/contracts'
import { ApiFailure, exits } from '../failure.ts'
import type { Cli, CliCommand } from '../command.ts'
import { openProject } from '../../project.ts'
import { ours } from '../settings.ts'

interface Registered {
  readonly subject: string
  readonly version: number
  readonly id: number
  readonly isNew: boolean
}

/**
 * `shuniu contracts apply`: registers the project's contracts and those of the hub, each with its level. All are compared
 * before the first is registered, so that a break changes nothing.
 */
export const applyContracts: CliCommand = {
  usage: 'contracts apply',
  help: 'help.contracts-apply',
  needs: 'hub',
  async run(cli) {
    const { screen } = cli
    const contracts = await onTopics(cli)
    for (const one of contracts) await setLevel(cli, one)
    const broken = (await Promise.all(contracts.map((one) => breaksOf(cli, one)))).flat()
    if (broken.length > 0) {
      if (screen.json) screen.data({ broken })
      else for (const { subject, messages } of broken) screen.line(`${subject}: ${messages.join(' ')}`)
      return exits.failed
    }
    const done: Registered[] = []
    for (const one of contracts) done.push(await register(cli, one))
    show(cli, done)
    return exits.fine
  },
}

/** The contracts with the names that their topics have on the broker: serializers ask for these. */
async function onTopics(cli: Cli): Promise<readonly Contract[]> {
  const { project, contracts } = await openProject(cli.options.project, ours(cli.host.environment))
  const { log } = project.hub
  const prefix = log === 'embedded' ? '' : log.prefix
  return contracts.map((one) => ({ ...one, topic: prefix + one.topic }))
}

const subjectOf = ({ topic }: Contract): string => `${topic}-value`
const pathOf = (contract: Contract): string => encodeURIComponent(subjectOf(contract))

async function setLevel({ api }: Cli, contract: Contract): Promise<void> {
  const { compatibility } = contract
  const path = `config/${pathOf(contract)}`
  const now = await orNothing(api.registry('GET', path))
  if (now?.['compatibilityLevel'] !== compatibility) await api.registry('PUT', path, { compatibility })
}

async function breaksOf({ api }: Cli, contract: Contract): Promise<{ subject: string; messages: string[] }[]> {
  const path = `compatibility/subjects/${pathOf(contract)}/versions?verbose=true`
  const { is_compatible: isCompatible, messages } = await api.registry('POST', path, { schema: contract.text })
  if (isCompatible === true) return []
  return [{ subject: subjectOf(contract), messages: Array.isArray(messages) ? messages.map(String) : [] }]
}

async function register({ api }: Cli, contract: Contract): Promise<Registered> {
  const path = `subjects/${pathOf(contract)}`
  const body = { schema: contract.text }
  // The registry also finds what only means the same; here every word counts.
  const there = await orNothing(api.registry('POST', path, body))
  const { id, version } = await api.registry('POST', `${path}/versions`, body)
  return { subject: subjectOf(contract), id: Number(id), version: Number(version), isNew: there?.['id'] !== id }
}

/** Undefined for what the registry does not know yet. */
async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) return undefined
    throw error
  }
}

function show({ screen }: Cli, done: readonly Registered[]): void {
  const registered = done.filter(({ isNew }) => isNew).length
  if (screen.json) return screen.data({ items: done, registered })
  const titles = ['word.topic', 'word.version', 'word.id', 'word.state'] as const
  const rows = done.map(({ subject, version, id, isNew }) => {
    return [subject, String(version), String(id), screen.say(isNew ? 'said.registered' : 'said.was-there')]
  })
  screen.table(
    titles.map((title) => ({ title: screen.say(title) })),
    rows,
  )
  screen.talk(screen.say('said.contracts-applied', { registered, there: done.length - registered }))
}
