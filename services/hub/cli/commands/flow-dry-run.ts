import { isDecimal, isRecord, nearest, HubError, type Contract, type Value, type ValueRecord } from '@shuniu/contracts'
import { writeJson } from '@shuniu/infra/json'
import { realClock } from '@shuniu/infra/time'
import { compileFlow, dryRun, type DryEvent, type DryField, type DryRun, type FlowPlan } from '@shuniu/orchestrator'
import type { Connection } from '@shuniu/sdk'
import { checkingGround, flowGround, type OpenProject, openProject, projectTables, refuse } from '../../project.ts'
import { textOf } from '../api.ts'
import { flagText, type CliCommand, type Given } from '../command.ts'
import { readEvent } from '../event-file.ts'
import { exits } from '../failure.ts'
import { withConnections } from '../offline.ts'
import type { Screen } from '../screen.ts'
import { ours } from '../settings.ts'
import { wordIn } from '../words.ts'

/** `shuniu flow dry-run <flow> --event FILE`: what would be sent, line by line, without sending it. */
export const flowDryRun: CliCommand = {
  usage: 'flow dry-run <flow>',
  help: 'help.flow-dry-run',
  needs: 'project',
  options: [
    { flags: '--event <file>', help: 'help.event-file', required: true },
    { flags: '--explain', help: 'help.explain' },
    { flags: '--live', help: 'help.live' },
  ],
  async run(cli, given) {
    const { screen, options } = cli
    const flow = given.args[0] ?? ''
    const open = await openProject(options.project, ours(cli.host.environment))
    const { contract } = flowOf(open, flow)
    const event = await readEvent(flagText(given, 'event') ?? '', contract, flow)
    const live = given.flags['live'] === true
    const names = live ? [...open.connections.keys()] : []
    const run = live
      ? await withConnections(cli, open, names, (connections) => tryIt(open, flow, event, given, connections))
      : await tryIt(open, flow, event, given, undefined)
    if (screen.json) screen.value(jsonOf(run))
    else show(screen, flow, run)
    return run.park ? exits.failed : exits.fine
  },
}

function flowOf({ project, contracts, problems }: OpenProject, name: string): { contract: Contract } {
  const flow = project.flows.get(name)
  const contract = flow && contracts.find(({ type }) => type === flow.on)
  if (contract) return { contract }
  const own = problems.filter(({ error }) => ['hub.yaml', `flows/${name}.yaml`].includes(error.place?.file ?? ''))
  refuse(own, project.dir)
  throw new HubError('cli.unknown-flow', {
    flow: name,
    nearest: nearest(name, [...project.flows.keys()], Infinity) ?? '—',
  })
}

function tryIt(
  open: OpenProject,
  name: string,
  event: DryEvent,
  given: Given,
  live: ReadonlyMap<string, Connection> | undefined,
): Promise<DryRun> {
  const plan = planOf(open, name, live)
  const tables = projectTables(open.project)
  return dryRun(plan, event, {
    connectors: open.connectors,
    ...(live ? { live } : {}),
    assume: live ? ['crosswalk'] : ['crosswalk', 'openDate'],
    placeOfRow: (table, keys, day) => {
      const row = tables.find(table, keys, day)
      return row && `tables/${table}.csv:${row.line}`
    },
    explain: given.flags['explain'] === true,
    zone: open.project.hub.zone,
    clock: realClock,
  })
}

function planOf(open: OpenProject, name: string, live: ReadonlyMap<string, Connection> | undefined): FlowPlan {
  const ground = checkingGround(open, undefined)
  const flow = open.project.flows.get(name)
  const compiled =
    flow && compileFlow(flow, flow.text, flowGround(open, live ? { ...ground, connections: live } : ground))
  refuse(compiled?.problems ?? [], open.project.dir)
  if (!compiled?.plan) throw new HubError('cli.unknown-flow', { flow: name, nearest: '—' })
  return compiled.plan
}

/** The run as one document; texts of parks in both languages, as the API gives them. */
function jsonOf({ calls, emits, park, skipped, assumed, explain }: DryRun): Value {
  return {
    calls: calls.map(({ body, ...call }) => ({ ...call, ...(body ? { body } : {}) })),
    emits: emits.map((one) => ({ ...one })),
    assumed: [...assumed],
    ...(skipped === undefined ? {} : { skipped }),
    ...(park ? { park: { reason: park.reason, message: { ...park.message }, step: park.step ?? null } } : {}),
    ...(explain ? { explain: explain.map(fieldJson) } : {}),
  }
}

function fieldJson({ path, value, source, lookups, error }: DryField): ValueRecord {
  return { path, value, source, lookups: [...lookups], ...(error ? { error: { ...error } } : {}) }
}

function show(screen: Screen, flow: string, run: DryRun): void {
  const { skipped, park, assumed, calls, emits, explain } = run
  if (skipped !== undefined) screen.talk(screen.say('said.not-for-it', { flow, why: skipped }))
  for (const { step, connection, operation, reference, input, body } of calls) {
    heading(screen, step, `${screen.say('said.would-call', { connection, operation })}  ${reference}`)
    showValue(screen, input, '  ')
    if (!body) continue
    screen.line(`  ${screen.paint('dim', screen.say('said.body'))}`)
    showValue(screen, body, '    ')
  }
  for (const { type, data } of emits) {
    heading(screen, screen.say('said.would-emit', { type }), '')
    showValue(screen, data, '  ')
  }
  if (explain) showFields(screen, explain)
  for (const what of assumed) screen.talk(screen.say('said.assumed', { what }))
  if (park) {
    const message = park.message[screen.language]
    screen.line(
      screen.paint('red', screen.say('said.would-park', { reason: wordIn(screen.language, park.reason), message })),
    )
  }
}

function heading(screen: Screen, name: string, rest: string): void {
  screen.line(`${screen.paint('bold', name)}  ${rest}`.trimEnd())
}

/** A record as pairs; a list of records as a table, amounts on the right. */
function showValue(screen: Screen, record: ValueRecord, indent: string): void {
  const plain = Object.entries(record).filter(([, value]) => !isTable(value))
  screen.pairs(plain.map(([name, value]) => [`${indent}${name}`, textOfValue(value)] as const))
  for (const [name, value] of Object.entries(record)) {
    if (!isTable(value)) continue
    screen.line(`${indent}${name}`)
    showRows(screen, value, `${indent}  `)
  }
}

function isTable(value: Value): value is readonly ValueRecord[] {
  return Array.isArray(value) && value.length > 0 && (value as readonly Value[]).every(isRecord)
}

function showRows(screen: Screen, rows: readonly ValueRecord[], indent: string): void {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].map((title) => {
    const cells = rows.map((row) => row[title] ?? null)
    const isAmount = cells.every((cell) => cell === null || isDecimal(cell))
    return isAmount
      ? { title, side: 'right' as const, texts: amountTexts(cells) }
      : { title, texts: cells.map(textOfValue) }
  })
  screen.table(
    columns,
    rows.map((_, at) => columns.map(({ texts }) => texts[at] ?? '')),
    indent,
  )
}

/** Amounts of a column with as many places as the finest of them, so that their points stand under one another. */
function amountTexts(cells: readonly Value[]): string[] {
  const places = Math.max(0, ...cells.map(placesOf))
  return cells.map((cell) => (isDecimal(cell) ? cell.toFixed(places) : ''))
}

/** A number with a fraction is shown as money is; a count is not. */
function placesOf(value: Value): number {
  const fraction = isDecimal(value) ? value.toFixed().split('.')[1] : undefined
  return fraction === undefined ? 0 : Math.max(2, fraction.length)
}

function textOfValue(value: Value): string {
  if (value === null) return ''
  if (isDecimal(value)) return value.toFixed(placesOf(value))
  return textOf(isRecord(value) || Array.isArray(value) ? writeJson(value) : String(value))
}

function showFields(screen: Screen, fields: readonly DryField[]): void {
  screen.line()
  const titles = ['word.path', 'word.value', 'word.expression', 'word.look-ups'] as const
  screen.table(
    titles.map((title) => ({ title: screen.say(title) })),
    fields.map(({ path, value, source, lookups, error }) => [
      path,
      error ? `✗ ${error[screen.language]}` : textOfValue(value),
      source,
      lookups.join('; '),
    ]),
  )
}
