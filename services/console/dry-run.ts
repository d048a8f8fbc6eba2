import { contract, fromJson, HubError, Instant, nearest, type Contract, type Language } from '@shuniu/contracts'
import { z } from 'zod'
import { jsonObject, text } from './input.ts'
import type { ConsolePorts, DryEvent } from './ports.ts'
import { jsonOf } from './json.ts'

export const flowParams = z.strictObject({ flow: text('Name of the flow') })
export const dryRunBody = z.strictObject({
  event: jsonObject.meta({ description: 'Data by the contract, or a whole event with type, time and data' }),
  explain: z.boolean().default(false),
})
const json = z.unknown()
export const dryRan = z.object({
  calls: z.array(
    z.object({
      step: z.string(),
      connection: z.string(),
      operation: z.string(),
      reference: z.string().optional(),
      input: json,
      body: json.optional(),
    }),
  ),
  emits: z.array(z.object({ type: z.string(), data: json })),
  park: z.object({ reason: z.string(), message: z.string(), step: z.string().optional() }).optional(),
  explain: z
    .array(z.object({ path: z.string(), value: json, source: z.string(), lookups: z.array(z.string()) }))
    .optional(),
})
export type DryRan = z.output<typeof dryRan>

/** What a flow would do with an event: nothing is sent, nothing is written. */
export async function dryRun(
  ports: Pick<ConsolePorts, 'flows' | 'contracts' | 'status'>,
  { flow, event, explain }: z.output<typeof flowParams> & z.output<typeof dryRunBody>,
  language: Language,
): Promise<DryRan> {
  const its = await contractFor(ports, flow, event)
  const { calls, emits, park, explain: explained } = await ports.flows.dryRun(flow, eventOf(its, event), explain)
  return {
    calls: calls.map(({ input, body, ...call }) => ({
      ...call,
      input: jsonOf(input),
      ...(body === undefined ? {} : { body: jsonOf(body) }),
    })),
    emits: emits.map(({ type, data }) => ({ type, data: jsonOf(data) })),
    ...(park ? { park: { ...park, message: park.message[language] } } : {}),
    ...(explained
      ? { explain: explained.map((one) => ({ ...one, value: jsonOf(one.value), lookups: [...one.lookups] })) }
      : {}),
  }
}

type Given = z.output<typeof jsonObject>

async function contractFor(
  { flows, contracts, status }: Pick<ConsolePorts, 'flows' | 'contracts' | 'status'>,
  flow: string,
  event: Given,
): Promise<Contract> {
  const events = flows.events(flow)
  if (!events) {
    const names = (await status()).flows.map(({ name }) => name)
    throw new HubError('api.unknown-flow', { flow, nearest: nearest(flow, names, Infinity) ?? '—' })
  }
  const type = isWhole(event) ? event['type'] : events.on
  if (type !== events.on) throw new HubError('api.other-event', { flow, on: events.on, type: String(type) })
  return contract(events.on, contracts)
}

/** A whole event has a type and data; the data of a contract alone has its own fields. */
function isWhole(event: Given): boolean {
  return typeof event['type'] === 'string' && typeof event['data'] === 'object' && event['data'] !== null
}

function eventOf(its: Contract, event: Given): DryEvent {
  if (!isWhole(event)) return { data: fromJson(its, event) }
  const { id, source } = event
  const time = typeof event['time'] === 'string' ? Instant.parse(event['time']) : undefined
  return {
    type: its.type,
    data: fromJson(its, event['data']),
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof source === 'string' ? { source } : {}),
    ...(time ? { time } : {}),
  }
}
