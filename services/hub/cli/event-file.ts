import { fromJson, HubError, Instant, isRecord, type Contract, type Value, type ValueRecord } from '@shuniu/contracts'
import { nodeToValue, readText, readYaml } from '@shuniu/infra/config'
import { parseJson } from '@shuniu/infra/json'
import type { DryEvent } from '@shuniu/orchestrator'

const largest = 4 * 1024 * 1024

/** What a file holds, JSON or YAML, every number exact. Throws `config.*`, `json.*`. */
export async function readValueFile(file: string): Promise<Value> {
  const { text, problems } = await readText(file, file, largest)
  if (text === undefined) throw problems[0]?.error ?? new HubError('config.empty', { file })
  if (/^\s*[[{]/.test(text)) return parseJson(text, { maxBytes: largest })
  const { node, problems: wrong } = readYaml(text, file)
  if (node) return nodeToValue(node)
  throw wrong[0]?.error ?? new HubError('config.empty', { file })
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
