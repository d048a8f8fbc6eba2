import { isRecord, type ValueRecord } from '@shuniu/contracts'
import { packValue, unpackValue } from '@shuniu/infra/json'
import { openOutbound, type Outbound } from '@shuniu/infra/outbound'
import { realClock, seededRandom } from '@shuniu/infra/time'
import { expect } from 'vitest'
import type { ConnectorDefinition } from '../connector.ts'
import type { Ground } from '../ground.ts'
import type { LookUp, Operation, UndoneEffect } from '../operation.ts'
import { milliseconds } from '../connection.ts'
import type { Witness } from './witness.ts'

/** What is about to be sent, as the ledger would hold it. */
export interface Ready {
  readonly operation: string
  readonly reference: string
  readonly body: ValueRecord
}

/** The part of the hub that a connector meets: one connection, and the engine's order of steps. */
export interface Hub<Link> {
  readonly link: Link
  readonly ground: Ground
  /** Input → body: schema, session, validation, prepare. Fails the test when anything speaks against it. */
  prepare(operation: string, input: unknown, undone?: UndoneEffect): Promise<Ready>
  /** One send; `late` makes its last moment to start lie in the past. */
  send(ready: Ready, how?: { timeout?: number; late?: boolean }): Promise<unknown>
  find(ready: Ready, known?: string): Promise<LookUp>
  /** Prepares and sends, and gives what an undo would be handed. */
  perform(operation: string, input: unknown): Promise<UndoneEffect>
  operation(name: string): Operation<Link>
  close(): Promise<void>
}

let references = 0
/** References look like the engine's: `SN` and 26 characters of Crockford's base32. */
export const newReference = (): string => `SN${String(++references).padStart(26, '0')}`

/** Opens a connection with real sockets to `url`. What is logged and thrown is shown to the witness. */
export function openHub<Settings, Link>(
  definition: ConnectorDefinition<Settings, Link>,
  written: Readonly<Record<string, unknown>>,
  witness: Witness,
): Hub<Link> {
  const settings = definition.settings.parse(written)
  const outbound = openOutbound({
    allow: definition.addresses(settings).map((origin) => ({ origin, privateAddress: true })),
    limits: { ...definition.limits(settings), perMonth: 0 },
    clock: realClock,
  })
  const log = witness.log
  const ground: Ground = { connection: 'kit', outbound, clock: realClock, random: seededRandom(1), log }
  const link = definition.open(settings, ground)
  const operation = (name: string): Operation<Link> => {
    const found = definition.operations[name]
    if (!found) throw new Error(`${definition.name} has no operation ${name}`)
    return found
  }
  const hub: Hub<Link> = {
    link,
    ground,
    operation,
    prepare: (name, input, undone) => witness.watch(prepare(link, name, operation(name), input, undone)),
    send: (ready, how = {}) => witness.watch(send(link, outbound, operation(ready.operation), ready, how)),
    find: (ready, known) => witness.watch(find(link, operation(ready.operation), ready, known)),
    async perform(name, input) {
      const ready = await hub.prepare(name, input)
      const output = stored(await hub.send(ready))
      return { reference: ready.reference, body: ready.body, output }
    },
    async close() {
      await definition.close?.(link)
      await outbound.close()
    },
  }
  return hub
}

/** As the ledger gives it back after a restart. */
function stored(value: unknown): ValueRecord {
  const record = isRecord(value) ? unpackValue(packValue(value)) : undefined
  if (record === undefined || !isRecord(record))
    throw new Error('neither a body nor an output is anything but a record')
  return record
}

const today = (): string => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)

async function prepare<Link>(
  link: Link,
  name: string,
  operation: Operation<Link>,
  input: unknown,
  undone: UndoneEffect | undefined,
): Promise<Ready> {
  const parsed = operation.input.parse(input)
  await operation.ready(link)
  expect(await operation.validate?.(link, parsed)).toEqual(operation.validate && [])
  const reference = newReference()
  const context = { today: today(), ...(undone ? { undone } : {}) }
  const prepared = await operation.prepare(link, parsed, reference, context)
  if (prepared.is !== 'body') throw new Error(`nothing to send: ${JSON.stringify(prepared)}`)
  return { operation: name, reference, body: stored(prepared.body) }
}

async function send<Link>(
  link: Link,
  outbound: Outbound,
  operation: Operation<Link>,
  { operation: name, body, reference }: Ready,
  { timeout = milliseconds(operation.timeout), late = false }: { timeout?: number; late?: boolean },
): Promise<unknown> {
  const permit = await outbound.place(name)
  const shift = late ? -1_000 : 2_000
  const sendBy = { uptime: realClock.uptime() + shift, wall: realClock.now() + shift }
  try {
    return operation.output.parse(await operation.send(link, body, reference, { sendBy, permit, timeout }))
  } finally {
    permit.release()
  }
}

function find<Link>(link: Link, operation: Operation<Link>, ready: Ready, known?: string): Promise<LookUp> {
  if (!operation.find) throw new Error(`${ready.operation} has no look-up`)
  return operation.find(link, ready.reference, ready.body, known)
}
