import { hash } from 'node:crypto'
import { HubError, isRecord } from '@shuniu/contracts'
import { hashOf, readSnapshot, type Snapshot, type SnapshotChange } from '@shuniu/infra/config'
import { joinStore, openPostgres, openPostgresStore, type PostgresOptions } from '@shuniu/infra/postgres'
import type { Store } from '@shuniu/infra/store'
import { realClock, sleep } from '@shuniu/infra/time'
import { activeProject, applyProject, shownProject } from '../../active-project.ts'
import { unsaidRenames } from '../../identity.ts'
import { checkProject, openProject, refuse, type OpenProject } from '../../project.ts'
import { textOf, type Item } from '../api.ts'
import { flagText, type Cli, type CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { showItems } from '../listing.ts'
import { ours } from '../settings.ts'
import { actorOf } from './park.ts'

/** `shuniu plan`: what `apply` would change. Exit code 2 when there is something. */
export const plan: CliCommand = {
  usage: 'plan',
  help: 'help.plan',
  needs: 'hub',
  async run(cli) {
    const { files, inUse } = await checked(cli)
    const { number, changes } = compare(files, await inUse.show())
    if (cli.screen.json) cli.screen.data({ number, changes })
    else show(cli, changes, cli.screen.say('said.plan', { changes: changes.length, number }))
    return changes.length > 0 ? exits.changes : exits.fine
  },
}

/** `shuniu apply`: takes the files of the project into use; the hub, or all processes that share it, run on them then. */
export const apply: CliCommand = {
  usage: 'apply',
  help: 'help.apply-project',
  needs: 'hub',
  options: [
    { flags: '--reason <why>', help: 'help.reason', required: true },
    { flags: '--actor <who>', help: 'help.actor' },
  ],
  async run(cli, given) {
    const { files, inUse } = await checked(cli)
    const { changes } = compare(files, await inUse.show())
    const number = await inUse.apply(files, { reason: flagText(given, 'reason') ?? '', actor: actorOf(cli, given) })
    if (cli.screen.json) cli.screen.data({ number, changes })
    else show(cli, changes, cli.screen.say('said.applied', { number }))
    return exits.fine
  },
}

/** Where the project in use is: with the hub that has the folder, or in the store that processes share. */
interface InUse {
  show(): Promise<Item>
  /** Resolves with its number. */
  apply(files: Snapshot, decision: { readonly actor: string; readonly reason: string }): Promise<number>
}

function inHub(cli: Cli): InUse {
  return {
    show: () => cli.api.get('project'),
    async apply(files, decision) {
      const { number } = await cli.api.post('project/apply', { hash: hashOf(files), ...decision })
      cli.screen.progress(cli.screen.say('said.applying', { number: textOf(number) }))
      await untilRuns(cli, Number(number))
      return Number(number)
    },
  }
}

function inStore(open: OpenProject, settings: PostgresOptions): InUse {
  const within = async <T>(work: (store: Store) => Promise<T>): Promise<T> => {
    const database = await openPostgres(settings)
    try {
      return await work(openPostgresStore(database, await joinStore(database)))
    } finally {
      await database.close()
    }
  }
  return {
    show: () =>
      within(async (store) => {
        const active = await activeProject(store)
        return active ? { ...shownProject(active, active.number) } : { number: 0, files: {} }
      }),
    apply: (files, decision) =>
      within(async (store) => {
        refuse(await unsaidRenames(open.project, store), open.home)
        return (await applyProject({ store, clock: realClock }, files, decision)).number
      }),
  }
}

/** The files of the folder; a project with errors is not taken into use. */
async function checked(cli: Cli): Promise<{ readonly files: Snapshot; readonly inUse: InUse }> {
  const { project } = cli.options
  const open = await openProject(project, ours(cli.host.environment))
  refuse(checkProject(open), project)
  const { store } = open.project.hub
  return { files: await readSnapshot(project), inUse: store === 'embedded' ? inHub(cli) : inStore(open, store) }
}

function compare(files: Snapshot, { number, files: inUse }: Item): { number: number; changes: SnapshotChange[] } {
  const there = new Map(Object.entries(isRecord(inUse) ? inUse : {}))
  const paths = [...new Set([...there.keys(), ...files.keys()])].toSorted()
  const changes = paths.flatMap((path): SnapshotChange[] => {
    const [text, before] = [files.get(path), there.get(path)]
    if (text === undefined) return [{ path, change: 'removed' }]
    if (before === undefined) return [{ path, change: 'added' }]
    return hash('sha256', text, 'hex') === before ? [] : [{ path, change: 'changed' }]
  })
  return { number: Number(number), changes }
}

function show(cli: Cli, changes: readonly SnapshotChange[], summary: string): void {
  const rows = changes.map((one): Item => ({ ...one }))
  if (rows.length > 0)
    showItems(cli, rows, [
      { title: 'word.change', of: 'change' },
      { title: 'word.file', of: 'path' },
    ])
  cli.screen.talk(summary)
}

/** A hub that is opened anew lets its open calls end first, s. */
const mostPatience = 60

async function untilRuns({ api }: Cli, number: number): Promise<void> {
  for (let waited = 0; waited < mostPatience; waited += 0.25) {
    // For a moment nobody answers.
    const { running } = await api.get('project').catch((): Item => ({}))
    if (Number(running) >= number) return
    await sleep(realClock, 250)
  }
  throw new HubError('cli.no-answer', { url: api.url })
}
