import { realpathSync } from 'node:fs'
import { eventId, HubError, isRecord, nearest, type Value, type ValueRecord } from '@shuniu/contracts'
import type {
  ConsolePorts,
  Connections,
  ConnectionStatus,
  Flows as FlowPorts,
  HubStatus,
  RunParking,
  Tables as TablePorts,
} from '@shuniu/console'
import type { TableRow } from '@shuniu/infra/config'
import { commitAudited, hash52 } from '@shuniu/infra/store'
import { realRandom } from '@shuniu/infra/time'
import type { SourceState } from '@shuniu/ingress'
import { crosswalkHash, crosswalkTag, dryRun, keyHash, type FlowPlan } from '@shuniu/orchestrator'
import type { Connection } from '@shuniu/sdk'
import { backUp } from './backup.ts'
import { forecastOf } from './forecast.ts'
import type { Parts } from './parts.ts'
import type { ConfiguredConnection } from './project.ts'
import { version } from './version.ts'

/** The hub behind the API: every port is a line to the part that does it. */
export function consolePorts(parts: Parts, token: string | undefined): ConsolePorts {
  const { store, log, open, metrics, report, ground, orchestrator, ingress } = parts
  return {
    store,
    log,
    clock: parts.clock,
    random: realRandom,
    metrics,
    report,
    levels: report.levels,
    contracts: open.contracts,
    folder: realpathSync(open.home),
    language: open.project.hub.language,
    zone: open.project.hub.zone,
    ...(token === undefined ? {} : { token }),
    hashes: {
      key: keyHash,
      subject: (connection, source, subject) => hash52(connection, source, subject),
      crosswalk: crosswalkHash,
    },
    parking: runParking(parts),
    receiptParking: ingress.parking,
    flows: flowPorts(parts),
    tables: tablePorts(parts),
    project: parts.inUse,
    connections: connectionPorts(parts),
    readEvent: (record) => orchestrator.read(record),
    backup: (file) => backUp(ground, file),
    async closeResync(decision) {
      await commitAudited(parts, { ...decision, action: 'resync close', target: 'hub' })
      await ground.closeResync()
    },
    ...(ground.gaps && { topics: topicPorts(ground.gaps) }),
    dependencies: { log: () => log.ends() },
    status: () => statusOf(parts),
  }
}

function topicPorts(gaps: NonNullable<Parts['ground']['gaps']>): NonNullable<ConsolePorts['topics']> {
  return { gaps: () => gaps.list(), acceptGap: (where, decision) => gaps.accept(where, decision) }
}

/** The first name of a connection: what receipts and references are made with. */
function identityOf({ open }: Parts, name: string): string {
  return open.project.connections.get(name)?.formerly ?? name
}

function runParking({ orchestrator }: Parts): RunParking {
  const { parking } = orchestrator
  return {
    retry: (run, decision) => parking.retry(run, decision),
    resolve: (run, document, decision) => parking.resolve(run, document, decision),
    drop: (run, decision) => parking.drop(run, decision),
    async learned({ kind, from, to }) {
      await parking.wake(
        [crosswalkTag(kind, from.id, from.connection, to.connection)],
        'a pair of the crosswalk was written',
      )
    },
  }
}

function flowPorts(parts: Parts): FlowPorts {
  const { orchestrator } = parts
  const find = (flow: string): FlowPlan | undefined =>
    orchestrator.flows.active.find(({ plan }) => plan.flow === flow || plan.name === flow)?.plan
  return {
    events(flow) {
      const plan = find(flow)
      return plan && { on: plan.on, undoOn: [...plan.undoOn] }
    },
    keyOf(flow, record) {
      try {
        return find(flow)?.keyOf(orchestrator.read(record))
      } catch {
        return undefined
      }
    },
    deliver: (flow, record) => orchestrator.deliver(flow, record),
    emittedId: ({ flow, path, type, cause }) =>
      eventId({ time: cause.time, connection: `flow ${flow}`, type, document: cause.id, version: path }),
    passedIds: (record) => orchestrator.passedIds(record),
    async dryRun(flow, event, explain) {
      const plan = find(flow)
      if (!plan) throw new HubError('project.unknown-flow', { flow })
      const { clock, open } = parts
      return dryRun(plan, event, { connectors: open.connectors, explain, zone: open.project.hub.zone, clock })
    },
  }
}

function tablePorts({ tables, store, clock, inUse }: Parts): TablePorts {
  return {
    get shapes() {
      return tables.shapes
    },
    rows: (name): readonly TableRow[] => tables.rows(name),
    async set(name, edit, actor) {
      await inUse.setRow(name, edit, { actor, reason: '' })
      const target = `${name} ${edit.keys.join(' / ')}`
      const detail = JSON.stringify(edit.values)
      await commitAudited({ store, clock }, { actor, action: 'tables set', target, reason: '', detail })
    },
  }
}

function connectionPorts(parts: Parts): Connections {
  const { connections, ingress, wakes } = parts
  const named = (name: string): Connection => {
    const found = connections.get(name)
    if (!found) {
      const near = nearest(name, [...connections.keys()], Infinity) ?? ''
      throw new HubError('project.unknown-connection', { connection: name, nearest: near })
    }
    return found
  }
  return {
    async check(name) {
      const findings = await named(name).definition.check(named(name).link)
      if (findings.every(({ ok }) => ok)) await wakes.works(named(name).name)
      return findings
    },
    forecast(name, documentsPerDay) {
      const { usedThisMonth } = named(name).outbound.state()
      return { ...forecastOf(configuredOf(parts, name), documentsPerDay), usedThisMonth }
    },
    discover: (name) => named(name).definition.discover(named(name).link),
    sample: (name, ask) => ingress.sample(named(name).name, ask),
    async sweep(name) {
      ingress.catchUp(identityOf(parts, named(name).name), true)
    },
    sources: [...connections.values()].flatMap(({ name, definition }) =>
      Object.keys(definition.sources).map((source) => ({ connection: identityOf(parts, name), source })),
    ),
    targets: [...connections.values()].flatMap(({ name, definition }) =>
      Object.entries(definition.operations).flatMap(([operation, { effect, list }]) =>
        effect === 'money' && list ? [{ connection: name, operation }] : [],
      ),
    ),
    async list(name, operation, from, to) {
      const settings = settingsRecord(named(name).settings)
      return (
        (await named(name).definition.operations[operation]?.list?.(named(name).link, { from, to, settings })) ?? []
      )
    },
    describe(name, operation, body) {
      const declared = connections.get(name)?.definition.operations[operation]
      return declared && { title: declared.title, ...declared.describe(body) }
    },
  }
}

function configuredOf({ open }: Parts, name: string): ConfiguredConnection {
  const found = open.connections.get(name)
  if (!found) throw new HubError('internal.bug', { what: `the connection ${name} is open and not configured` })
  return found
}

function settingsRecord(settings: unknown): ValueRecord {
  return isRecord(settings) ? (settings as Record<string, Value>) : {}
}

function statusOf(parts: Parts): HubStatus {
  const { open, ground, store, orchestrator, connections, ingress, startedAt } = parts
  const sources = new Map(ingress.state().sources.map((source) => [source.connection, source]))
  return {
    version,
    project: open.project.hub.name,
    epoch: store.epoch,
    resync: ground.resync,
    startedAt,
    flows: orchestrator.flows.active.map(({ plan, from }) => ({
      name: plan.flow,
      version: plan.version,
      on: plan.on,
      active: true,
      from: from[0] ?? 0,
      short: plan.short,
    })),
    connections: [...connections.values()].map((connection) => ({
      name: connection.name,
      connector: connection.definition.name,
      ...connection.outbound.state(),
      ...sourceWords(connection, sources.get(identityOf(parts, connection.name))),
    })),
    notReady: parts.notReady(),
    partitions: parts.ground.ownership.held(),
  }
}

function sourceWords(
  { definition }: Connection,
  source: SourceState | undefined,
): Pick<ConnectionStatus, 'stream' | 'lag'> {
  if (!source || Object.keys(definition.sources).length === 0) return {}
  const { stream, lag } = source
  return { lag, ...(stream === undefined ? {} : { stream: stream === 'up' ? 'connected' : 'disconnected' }) }
}
