import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HubError, nearest } from '@shuniu/contracts'
import { openEmbedded } from '@shuniu/infra/embedded'
import { ownEverything } from '@shuniu/infra/leases'
import { openEmbeddedStore } from '@shuniu/infra/store'
import { openLog, openMetrics } from '@shuniu/infra/telemetry'
import { realClock, realRandom } from '@shuniu/infra/time'
import { openIngress, type Ingress } from '@shuniu/ingress'
import type { Connection } from '@shuniu/sdk'
import { openConnections } from '../connections.ts'
import { openProject, type ConfiguredConnection, type OpenProject } from '../project.ts'
import type { Cli } from './command.ts'
import { exits } from './failure.ts'
import { schemaId } from '../schemas.ts'

/** Whether a command asks the hub or works on the project's folder: what was named decides, else whether a hub answers. */
export async function worksOn({ asked, api, screen, options }: Cli): Promise<'hub' | 'project'> {
  if (asked) return asked
  if (await api.isThere()) return 'hub'
  if (!existsSync(join(options.project, 'hub.yaml'))) throw new HubError('cli.no-hub', { url: api.url })
  screen.talk(screen.say('said.offline', { url: api.url, project: options.project }))
  return 'project'
}

/** One connection of the project, opened here. */
export interface Opened {
  readonly open: OpenProject
  readonly configured: ConfiguredConnection
  readonly connection: Connection
  /** The way in, for samples and counts; nothing is received or swept. */
  ingress(): Promise<Ingress>
}

/** Opens one connection without a hub, for as long as `work` takes. What it counts is forgotten afterwards. */
export async function withConnection<T>(cli: Cli, name: string, work: (opened: Opened) => Promise<T>): Promise<T> {
  const open = await openProject(cli.options.project, cli.host.environment)
  return withConnections(cli, open, [name], async (connections, ingress) => {
    const [connection, configured] = [connections.get(name), open.connections.get(name)]
    if (!connection || !configured) throw unknownConnection(open, name)
    return work({ open, configured, connection, ingress })
  })
}

/** The same for several connections. */
export async function withConnections<T>(
  { host, options }: Cli,
  open: OpenProject,
  names: readonly string[],
  work: (connections: ReadonlyMap<string, Connection>, ingress: () => Promise<Ingress>) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  const off = host.onStop(() => (remove(), host.exit(exits.interrupted)))
  const embedded = await openEmbedded({ folder })
  const [store, clock, random] = [openEmbeddedStore(embedded), realClock, realRandom]
  const level = options.logLevel === 'debug' ? 'debug' : 'error'
  const report = openLog({ level, secrets: open.project.secrets, stream: host.err })
  const configured = new Map([...open.connections].filter(([name]) => names.includes(name)))
  const ground = {
    store,
    ownership: ownEverything(),
    clock,
    random,
    report,
    log: report,
    metrics: openMetrics({ runtime: false }),
  }
  const connections = await openConnections(configured, ground)
  const declared = [...connections.values()].flatMap((connection) => {
    const part = configured.get(connection.name)?.part
    return part ? [{ connection, declared: part }] : []
  })
  const limits = { waiting: 1, concurrency: 1 }
  const ingress = (): Promise<Ingress> =>
    openIngress({
      ...ground,
      connections: declared,
      contracts: open.contracts,
      schemaId,
      limits,
      lost: () => undefined,
    })
  try {
    return await work(connections, ingress)
  } finally {
    await Promise.all([...connections.values()].map((connection) => connection.close()))
    await embedded.close()
    off()
    remove()
  }
}

function unknownConnection({ connections, problems }: OpenProject, name: string): HubError {
  const near = nearest(name, [...connections.keys()], Infinity) ?? '—'
  const own = problems.filter(({ error }) => error.place?.file.startsWith(`connections/${name}.`))
  const cause = own.length > 0 ? { cause: new AggregateError(own.map(({ error }) => error)) } : {}
  return new HubError('cli.unknown-connection', { connection: name, nearest: near }, cause)
}
