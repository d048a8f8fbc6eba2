import {
  eventId,
  eventIdBytes,
  fromJson,
  HubError,
  Instant,
  isRecord,
  type Contract,
  type HubEvent,
  type Value,
  type ValueRecord,
} from '@shuniu/contracts'
import { nodeToValue, type YamlNode } from '@shuniu/infra/config'
import { unpackValue } from '@shuniu/infra/json'
import type { Row } from '@shuniu/infra/store'
import { realClock, sleep } from '@shuniu/infra/time'
import { eventRow } from '@shuniu/orchestrator'
import { schemaId } from '../../schemas.ts'
import { callsOf, type FlowTests } from './files.ts'
import type { TestCase } from './format.ts'
import type { Seen, SeenCall, SeenRun } from './judge.ts'
import { steer } from './steer.ts'
import type { Stage } from './stage.ts'

/** Real time between two looks, and how long it has to look at rest, ms. */
const glance = 3
const restAfter = 5
/** What a case may take: ms of real time, and jumps of its clock. No class of error is tried again half as often. */
const mostReal = 30_000
const mostJumps = 300

/** Plays a case: acts and faults, its event, then each event that follows. Gives what came of it. */
export async function play({ tests, flow }: FlowTests, one: TestCase, stage: Stage): Promise<Seen> {
  const held = await steer(one, callsOf(flow), stage)
  const data = over(given(tests.given), given(one.event))
  const appended: HubEvent[] = []
  for (const { type, fields } of [{ type: flow.on, fields: data }, ...(one.followedBy ?? []).map(follows)]) {
    const event = eventOf(stage, type, fields, one.time, appended.length)
    await stage.log.append([eventRow(event, { contracts: stage.open.contracts, idOf: schemaId })])
    appended.push(event)
    await rest(stage, event, held)
  }
  return seen(stage)
}

const follows = ({ type, data }: { type: string; data: YamlNode }) => ({ type, fields: nodeToValue(data) })
const given = (node: YamlNode | undefined): Value => (node ? nodeToValue(node) : {})

/** One record laid over another: fields that both have count as the upper one says, records field by field. */
function over(lower: Value, upper: Value): Value {
  if (!isRecord(lower) || !isRecord(upper)) return upper
  const merged: Record<string, Value> = { ...lower }
  for (const [name, value] of Object.entries(upper))
    merged[name] = name in merged ? over(merged[name] ?? null, value) : value
  return merged
}

function eventOf(
  { open, clock }: Stage,
  type: string,
  fields: Value,
  at: Instant | undefined,
  index: number,
): HubEvent {
  const contract: Contract | undefined = open.contracts.find((one) => one.type === type)
  if (!contract) throw new HubError('contract.unknown', { type, nearest: '' })
  const data = fromJson(contract, fields)
  const time = at ?? new Instant(clock.now())
  const key = String(data[contract.key] ?? '')
  const connection = [...open.project.connections.values()].find(({ events }) =>
    events?.some(({ emit }) => emit === type),
  )
  const source = connection?.connection ?? 'test'
  return {
    id: eventId({ time, connection: source, type, document: key, version: String(index) }),
    type,
    topic: contract.topic,
    key,
    time,
    source: `/connections/${source}`,
    subject: String(data['approvalNo'] ?? data['number'] ?? key),
    correlation: key,
    data,
  }
}

/** Waits until nothing is under way and nothing waits: while there is only waiting, the clock jumps. */
async function rest({ store, log, clock, orchestrator }: Stage, event: HubEvent, held: number): Promise<void> {
  const began = realClock.now()
  const position = (await log.find(eventIdBytes(event.id) ?? new Uint8Array()))?.position ?? 0
  for (let quiet = 0, jumps = 0; quiet < restAfter;) {
    await sleep(realClock, glance)
    const taken = (await store.select('runs', { event: position })).length > 0
    const open = await store.select('runs', { open: ['queued', 'running', 'waiting'] })
    const idle = taken && orchestrator.state().underWay === 0
    quiet = idle && open.length === 0 ? quiet + 1 : 0
    const passed = realClock.now() - began
    if (passed > mostReal || jumps > mostJumps) throw endless(open[0], clock.skipped + passed)
    if (!idle || open.length === 0 || passed <= held) continue
    jumps++
    while (orchestrator.state().underWay === 0 && clock.skip());
  }
}

function endless(run: Row<'runs'> | undefined, ms: number): HubError {
  const state = run ? [run.state, run.reason].filter(Boolean).join(' ') : 'queued'
  return new HubError('test.endless', { state, time: `${Math.round(ms / 1_000)} s` })
}

async function seen({ store, log, plan, orchestrator, simulators, inputs }: Stage): Promise<Seen> {
  const runs = await store.select('runs', { flow: plan.flow }, { order: { by: 'id' } })
  const effects = await store.select('effects', {}, { order: { by: 'id' } })
  const records = await log.read({ from: 0, limit: 10_000 })
  const events = records
    .map((record) => orchestrator.read(record))
    .filter(({ source }) => source === `/flows/${plan.flow}`)
  const books = [...simulators.values()].flatMap(({ book }) => book.list())
  return {
    run: runOf(runs.findLast(({ kind }) => kind === 'flow')),
    undo: runOf(runs.findLast(({ kind }) => kind === 'undo')),
    calls: Map.groupBy(
      effects.map((effect) => ({ step: stepOf(effect), call: callOf(effect, inputs) })),
      ({ step }) => step,
    )
      .entries()
      .reduce(
        (calls, [step, found]) =>
          calls.set(
            step,
            found.map(({ call }) => call),
          ),
        new Map<string, SeenCall[]>(),
      ),
    emits: events.map(({ type, data }) => ({ type, data })),
    sends: effects.filter(({ kind }) => kind === 'money').reduce((sum, { sends }) => sum + sends, 0),
    documents: books.filter(({ reference, status }) => reference && status !== 'deleted').length,
  }
}

function runOf(row: Row<'runs'> | undefined): SeenRun | undefined {
  if (!row) return undefined
  const detail = row.detail === null ? null : unpackValue(row.detail)
  const message = isRecord(detail) ? detail['message'] : undefined
  const texts = isRecord(message) ? [...new Set(Object.values(message).map(String))] : []
  return { state: row.state, reason: row.reason ?? undefined, message: texts.join(' / ') }
}

/** `voucher`, or `voucher.undo` for what took it back. A leg is flow, step, keys of list items, and `undo`. */
function stepOf({ leg }: Row<'effects'>): string {
  const parts = JSON.parse(leg) as string[]
  return parts.at(-1) === 'undo' && parts.length > 2 ? `${parts[1]}.undo` : (parts[1] ?? '')
}

function callOf({ state, sends, body, reference }: Row<'effects'>, inputs: ReadonlyMap<string, unknown>): SeenCall {
  const input = inputs.get(reference)
  const unpacked = unpackValue(body)
  return { state, sends, body: unpacked, input: isRecord(input) ? (input satisfies ValueRecord) : undefined }
}
