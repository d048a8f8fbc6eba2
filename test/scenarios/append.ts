import { contract, encode, eventIdBytes, frame, toHeaders, type HubEvent } from '@shuniu/contracts'
import { schemaId } from '@shuniu/hub'
import type { EventRow } from '@shuniu/infra/store'
import type { Rig } from './rig.ts'

/** Puts events into the hub's log, as an ingress would. */
export async function append(rig: Pick<Rig, 'hub'>, ...events: readonly HubEvent[]): Promise<void> {
  await rig.hub.parts.log.append(events.map(eventRowOf))
}

/** An event as an ingress would append it. */
export function eventRowOf(event: HubEvent): EventRow {
  const its = contract(event.type)
  const eventId = eventIdBytes(event.id)
  if (!eventId) throw new Error(`${event.id} is no event id`)
  return {
    eventId,
    topic: event.topic,
    key: event.key,
    time: event.time.ms,
    attributes: JSON.stringify(toHeaders(event)),
    data: frame(schemaId(its), encode(its, event.data)),
  }
}

/** Puts a fault on an operation of a simulator. */
export async function fault(
  url: string,
  rule: { on: string; fault: string; times?: number; ms?: number },
): Promise<void> {
  const answer = await fetch(`${url}/_sim/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ times: 1, ...rule }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

export async function act<T = unknown>(url: string, name: string, input: object): Promise<T> {
  const answer = await fetch(`${url}/_sim/acts/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  if (!answer.ok) throw new Error(await answer.text())
  return (await answer.json()) as T
}
