import { join } from 'node:path'
import { asyncApi, htmlPage, HubError, markdownPage, type Contract, type TopicSettings } from '@shuniu/contracts'
import type { KafkaLogSettings } from '@shuniu/infra/config'
import { openProject } from '../../project.ts'
import { version } from '../../version.ts'
import { flagText, type Cli, type CliCommand, type Given } from '../command.ts'
import { exits } from '../failure.ts'
import { ours } from '../settings.ts'
import { writeOut } from '../write-out.ts'
import { contractsOf } from './contracts-of.ts'

const formats = ['asyncapi', 'html', 'markdown'] as const
type Format = (typeof formats)[number]

/** `shuniu contracts export`: the schemas as files, or all of it as one document to a file or stdout. */
export const exportContracts: CliCommand = {
  usage: 'contracts export [target]',
  help: 'help.contracts-export',
  needs: 'project',
  options: [
    { flags: '--asyncapi', help: 'help.asyncapi' },
    { flags: '--html', help: 'help.html' },
    { flags: '--markdown', help: 'help.markdown' },
    { flags: '--server <host:port>', help: 'help.server' },
    { flags: '--registry <url>', help: 'help.registry' },
  ],
  async run(cli, given) {
    const [target] = given.args
    const asked = formats.filter((format) => given.flags[format] === true)
    const [format] = asked
    if (asked.length > 1) throw new HubError('usage.bad-value', { what: `--${asked[1]}`, example: `--${format}` })
    if (format) return writeDocument(cli, await documentOf(cli, given, format), target)
    if (target === undefined) throw new HubError('usage.bad-value', { what: 'target', example: './schemas' })
    return writeSchemas(cli, target)
  },
}

async function documentOf(cli: Cli, given: Given, format: Format): Promise<string> {
  const contracts: readonly Contract[] = await contractsOf(cli)
  const { project } = await openProject(cli.options.project, ours(cli.host.environment))
  const { log, name: title } = project.hub
  const kafka = log === 'embedded' ? undefined : log
  const around = {
    title,
    version,
    server: flagText(given, 'server') ?? kafka?.brokers[0] ?? 'localhost:9092',
    registry: flagText(given, 'registry') ?? `${cli.api.url}/registry`,
    ...(kafka && { prefix: kafka.prefix, topics: topicsOf(kafka) }),
  }
  if (format === 'asyncapi') return `${JSON.stringify(asyncApi(contracts, around), undefined, 2)}\n`
  return (format === 'html' ? htmlPage : markdownPage)(contracts, around, cli.language)
}

function topicsOf({ partitions, replication, retention = -1 }: KafkaLogSettings): TopicSettings {
  return { partitions, replicas: replication, retentionMs: retention }
}

async function writeDocument({ screen, host }: Cli, text: string, file: string | undefined): Promise<number> {
  if (file === undefined) host.out.write(text)
  else await writeOut(file, text)
  if (file !== undefined && screen.json) screen.data({ file })
  return exits.fine
}

async function writeSchemas(cli: Cli, folder: string): Promise<number> {
  const { screen } = cli
  const contracts = await contractsOf(cli)
  for (const { type, text } of contracts) {
    await writeOut(join(folder, `${type}.avsc`), `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`)
  }
  const count = contracts.length
  if (screen.json) screen.data({ folder, files: contracts.map(({ type }) => `${type}.avsc`) })
  else screen.line(screen.say('said.exported', { count, folder }))
  return exits.fine
}
