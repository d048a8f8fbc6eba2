import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkContracts,
  contract as contractOf,
  HubError,
  loadContracts,
  type Contract,
  type RecordShape,
  type Shape,
} from '@shuniu/contracts'
import { openProject } from '../../project.ts'
import type { Item } from '../api.ts'
import type { Cli, CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { showList } from '../listing.ts'
import { worksOn } from '../offline.ts'
import { saidProblems, showProblem } from '../problems.ts'
import { ours } from '../settings.ts'
import { writeOut } from '../write-out.ts'

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
      const rows = fieldsOf(found.shape, '', cli)
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
  async run({ screen, language, options }, { args: [folder] }) {
    const dir = folder ?? join(options.project, 'contracts')
    if (folder !== undefined && !existsSync(folder)) throw new HubError('contract.unreadable-folder', { folder })
    const found = saidProblems(await checkContracts(dir), language)
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

const exportAll: CliCommand = {
  usage: 'contracts export <folder>',
  help: 'help.contracts-export',
  needs: 'project',
  async run(cli, { args: [folder = ''] }) {
    const { screen } = cli
    const contracts = await contractsOf(cli)
    for (const { type, text } of contracts) {
      await writeOut(join(folder, `${type}.avsc`), `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`)
    }
    const count = contracts.length
    if (screen.json) screen.data({ folder, files: contracts.map(({ type }) => `${type}.avsc`) })
    else screen.line(screen.say('said.exported', { count, folder }))
    return exits.fine
  },
}

/** `shuniu contracts list|show|check|export`: what events promise. Those of the hub, and the project's own. */
export const contractCommands: readonly CliCommand[] = [list, show, check, exportAll]

async function contractsOf({ options, host }: Cli): Promise<readonly Contract[]> {
  return (await openProject(options.project, ours(host.environment))).contracts
}

async function ownItems(cli: Cli): Promise<Item[]> {
  return (await contractsOf(cli)).map((one) => itemOfContract(one, cli))
}

/** As the API gives it. */
function itemOfContract(one: Contract, { language }: Cli): Item {
  const { type, topic, owner, key, revision, compatibility, visibility, doc } = one
  return { type, topic, owner, key, ...(revision ? { revision } : {}), compatibility, visibility, doc: doc[language] }
}

function fieldsOf({ fields }: RecordShape, path: string, cli: Cli): string[][] {
  return fields.flatMap(({ name, shape, doc, docZh }) => {
    const at = path === '' ? name : `${path}.${name}`
    const inner = recordIn(shape)
    const row = [at, typeText(shape), cli.language === 'zh' && docZh !== '' ? docZh : doc]
    return inner ? [row, ...fieldsOf(inner, at, cli)] : [row]
  })
}

function recordIn(shape: Shape): RecordShape | undefined {
  if (shape.kind === 'list' || shape.kind === 'nullable') return recordIn(shape.of)
  return shape.kind === 'record' ? shape : undefined
}

function typeText(shape: Shape): string {
  switch (shape.kind) {
    case 'nullable':
      return `${typeText(shape.of)}?`
    case 'list':
      return `${typeText(shape.of)}[]`
    case 'record':
      return shape.name
    case 'decimal':
      return `decimal(${shape.precision},${shape.scale})`
    case 'string':
      return shape.values ? shape.values.join(' | ') : 'string'
    default:
      return shape.kind
  }
}
