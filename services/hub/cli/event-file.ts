import { fromJson, HubError, Instant, isRecord, type Contract, type Value, type ValueRecord } from '@shuniu/contracts'
import { nodeToValue, readText, readYaml } from '@shuniu/infra/config'
import { parseJson } from '@shuniu/infra/json'
import type { DryEvent } from '@shuniu/orchestrator'

const largest = 4 * 1024 * 1024

/** What a file holds, JSON or YAML, every number exact. Throws `config.*`, `json.*`. */
export async function readValueFile(file: string): Promise<Value> {
  const { text, problems } = await readText(file, file, largest)
  if (text === undefined) throw problems[0]?.error ?? new HubError('config.empty', { file })
  if (/^\s*[[{]/.test(text)) return jsonOf(text, file)
  const { node, problems: wrong } = readYaml(text, file)
  if (node) return nodeToValue(node)
  throw wrong[0]?.error ?? new HubError('config.empty', { file })
}

function jsonOf(text: string, file: string): Value {
  try {
    return parseJson(text, { maxBytes: largest })
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    const [line, column] = ['line', 'column'].map((name) => Number(error.parameters[name] ?? 1))
    const place = { file, line: line ?? 1, column: column ?? 1 }
    throw new HubError(error.code, error.parameters, { ...error.options, place })
  }
}

/**
 * What expressions see of a file: `event`, typed by its contract where the file says its type, and the `document` it was
 * made of, where `connection sample` printed both.
 */
export async function readSample(file: string, contracts: readonly Contract[]): Promise<ValueRecord> {
  const value = await readValueFile(file)
  if (!isRecord(value)) return { event: value }
  const { events, documents } = value
  const [event] = Array.isArray(events) ? (events as readonly Value[]) : [value]
  const [document] = Array.isArray(documents) ? (documents as readonly Value[]) : []
  return {
    ...(event === undefined ? {} : { event: typed(event, contracts) }),
    ...(isRecord(document) ? { document: withInstants(document) } : {}),
  }
}

function typed(event: Value, contracts: readonly Contract[]): Value {
  if (!isRecord(event) || !isWrapped(event)) return event
  const contract = contracts.find(({ type }) => type === event['type'])
  return contract ? fromJson(contract, event['data']) : (event['data'] ?? null)
}

/** The times of a document are moments where it is mapped; as JSON they are texts. What a form holds stays text there too. */
function withInstants(document: ValueRecord): ValueRecord {
  const read = (value: Value): Value => (typeof value === 'string' ? (Instant.parse(value) ?? value) : value)
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, read(value)]))
}

/** Everything in a file that may be an event: one, a list of them, or what `connection sample` printed. */
function candidates(value: Value): ValueRecord[] {
  if (Array.isArray(value)) return (value as readonly Value[]).filter(isRecord)
  if (!isRecord(value)) return []
  return Array.isArray(value['events']) ? candidates(value['events'] as readonly Value[]) : [value]
}

/** The first event of a file that a contract describes: its data alone, or `{type, data, time?, id?, source?}`. */
export async function readEvent(file: string, contract: Contract, flow: string): Promise<DryEvent> {
  const found = candidates(await readValueFile(file))
  if (found.length === 0) throw new HubError('cli.event-shape', { file })
  const wrapped = found.find((one) => isWrapped(one) && one['type'] === contract.type)
  const bare = found.find((one) => !isWrapped(one))
  if (!wrapped && !bare) throw new HubError('cli.no-event', { file, flow, type: contract.type })
  const { id, source, time } = wrapped ?? {}
  const at = typeof time === 'string' ? Instant.parse(time) : undefined
  return {
    data: fromJson(contract, wrapped ? wrapped['data'] : bare),
    type: contract.type,
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof source === 'string' ? { source } : {}),
    ...(at ? { time: at } : {}),
  }
}

const isWrapped = (one: ValueRecord): boolean => typeof one['type'] === 'string' && isRecord(one['data'])
