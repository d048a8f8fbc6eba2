import { hash } from 'node:crypto'
import { HubError, isRecord } from '@shuniu/contracts'
import { hashOf, readSnapshot, type Snapshot, type SnapshotChange } from '@shuniu/infra/config'
import { realClock, sleep } from '@shuniu/infra/time'
import { checkProject, openProject, refuse } from '../../project.ts'
import { textOf, type Item } from '../api.ts'
import { flagText, type Cli, type CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { showItems } from '../listing.ts'
import { ours } from '../settings.ts'
import { actorOf } from './park.ts'

/** `shuniu plan`: what `apply` would change in the running hub. Exit code 2 when there is something. */
export const plan: CliCommand = {
  usage: 'plan',
  help: 'help.plan',
  needs: 'hub',
  async run(cli) {
    const files = await checked(cli)
    const { number, changes } = compare(files, await cli.api.get('project'))
    if (cli.screen.json) cli.screen.data({ number, changes })
    else show(cli, changes, cli.screen.say('said.plan', { changes: changes.length, number }))
    return changes.length > 0 ? exits.changes : exits.fine
  },
}

/** `shuniu apply`: takes the files of the project into use, and waits until the hub runs on them. */
export const apply: CliCommand = {
  usage: 'apply',
  help: 'help.apply-project',
  needs: 'hub',
  options: [
    { flags: '--reason <why>', help: 'help.reason', required: true },
    { flags: '--actor <who>', help: 'help.actor' },
  ],
  async run(cli, given) {
    const files = await checked(cli)
    const { changes } = compare(files, await cli.api.get('project'))
    const decision = { reason: flagText(given, 'reason'), actor: actorOf(cli, given) }
    const { number } = await cli.api.post('project/apply', { hash: hashOf(files), ...decision })
    cli.screen.progress(cli.screen.say('said.applying', { number: textOf(number) }))
    await untilRuns(cli, Number(number))
    if (cli.screen.json) cli.screen.data({ number, changes })
    else show(cli, changes, cli.screen.say('said.applied', { number: textOf(number) }))
    return exits.fine
  },
}

/** The files of the folder; a project with errors is not taken into use. */
async function checked({ host, options: { project } }: Cli): Promise<Snapshot> {
  refuse(checkProject(await openProject(project, ours(host.environment))), project)
  return readSnapshot(project)
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
