import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkContracts,
  contract as contractOf,
  fieldRows,
  HubError,
  loadContracts,
  type Contract,
} from '@shuniu/contracts'
import { openProject } from '../../project.ts'
import type { Item } from '../api.ts'
import type { Cli, CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { showList } from '../listing.ts'
import { worksOn } from '../offline.ts'
import { saidProblems, showProblem } from '../problems.ts'
import { ours } from '../settings.ts'
import { applyContracts } from './contracts-apply.ts'
import { exportContracts } from './contracts-export.ts'
import { contractsOf } from './contracts-of.ts'

const list: CliCommand = {
  usage: 'contracts list',
  help: 'help.contracts-list',
  needs: 'either',
  async run(cli) {
    const page = (await worksOn(cli)) === 'hub' ? await cli.api.get('contracts') : { items: await ownItems(cli) }
    return showList(cli, page, [
      { title: 'word.type', of: 'type' },
      { title: 'word.topic', of: 'topic' },
      { title: 'word.owner', of: 'owner' },
      { title: 'word.visibility', of: 'visibility' },
      { title: 'word.what-it-is', of: 'doc' },
    ])
  },
}

const show: CliCommand = {
  usage: 'contracts show <type>',
  help: 'help.contracts-show',
  needs: 'project',
  async run(cli, { args: [type = ''] }) {
    const { screen } = cli
    const found = contractOf(type, await contractsOf(cli))
    if (screen.json) screen.data({ ...itemOfContract(found, cli), schema: JSON.parse(found.text) })
    else {
      screen.line(`${screen.paint('bold', found.topic)}  ${found.doc[cli.language]}`)
      const rows = fieldRows(found.shape, cli.language).map(({ path, type: its, doc }) => [path, its, doc])
      screen.table(
        [
          { title: screen.say('word.field') },
          { title: screen.say('word.type') },
          { title: screen.say('word.what-it-is') },
        ],
        rows,
      )
    }
    return exits.fine
  },
}

const check: CliCommand = {
  usage: 'contracts check [folder]',
  help: 'help.contracts-check',
  needs: 'project',
  async run({ screen, language, options, host }, { args: [folder] }) {
    const dir = folder ?? join(options.project, 'contracts')
    if (folder !== undefined && !existsSync(folder)) throw new HubError('contract.unreadable-folder', { folder })
    const found = saidProblems(await checkContracts(dir, await flowsOn(options.project, host)), language)
    const errors = found.filter(({ severity }) => severity === 'error').length
    const { contracts } = await loadContracts(dir, [])
    if (screen.json) screen.data({ folder: dir, contracts: contracts.length, errors, problems: found })
    else {
      for (const one of found) showProblem(screen, one)
      if (errors === 0) screen.talk(screen.say('said.contracts-fine', { count: contracts.length }))
    }
    return errors > 0 ? exits.failed : exits.fine
  },
}

/** `shuniu contracts list|show|check|apply|export`: what events promise. Those of the hub, and the project's own. */
export const contractCommands: readonly CliCommand[] = [list, show, check, applyContracts, exportContracts]

/** Who reads a type in this project: its flows, for whom a broken contract is told. */
async function flowsOn(project: string, { environment }: Cli['host']): Promise<(type: string) => readonly string[]> {
  if (!existsSync(join(project, 'hub.yaml'))) return () => []
  const { flows } = (await openProject(project, ours(environment))).project
  return (type) => [...flows.values()].flatMap(({ flow, on }) => (on === type ? [flow] : []))
}

async function ownItems(cli: Cli): Promise<Item[]> {
  return (await contractsOf(cli)).map((one) => itemOfContract(one, cli))
}

/** As the API gives it. */
function itemOfContract(one: Contract, { language }: Cli): Item {
  const { type, topic, owner, key, revision, compatibility, visibility, doc } = one
  return { type, topic, owner, key, ...(revision ? { revision } : {}), compatibility, visibility, doc: doc[language] }
}
