import { Decimal, eventIdText, HubError, Instant, type Language, type Value, type ValueRecord } from '@shuniu/contracts'
import { tailTopic, type Tailed } from '@shuniu/infra/kafka'
import { writeJson } from '@shuniu/infra/json'
import { realClock } from '@shuniu/infra/time'
import { readEvent, type Schemas } from '@shuniu/orchestrator'
import { schemaId } from '../../schemas.ts'
import { flagText, type Cli, type CliCommand, type Given } from '../command.ts'
import { exits, saidOf } from '../failure.ts'
import { onKafka, withKafka } from '../on-kafka.ts'

/** `shuniu topics tail`: the newest records of a topic, decoded, then what comes. */
export const tail: CliCommand = {
  usage: 'topics tail <topic>',
  help: 'help.topics-tail',
  needs: 'project',
  options: [
    { flags: '--last <count>', help: 'help.topics-last' },
    { flags: '--no-follow', help: 'help.no-follow' },
  ],
  async run(cli, given) {
    const [topic = ''] = given.args
    const { open, log } = await onKafka(cli)
    const schemas: Schemas = { contracts: open.contracts, idOf: schemaId }
    const stop = new AbortController()
    const off = cli.host.onStop(() => stop.abort())
    try {
      await withKafka(cli, log, async (kafka) => {
        const follow = given.flags['follow'] !== false
        const options = { last: lastOf(given), follow, signal: stop.signal }
        const reading = { kafka, clock: realClock, prefix: log.prefix }
        if (!(await kafka.topics()).has(log.prefix + topic)) throw new HubError('log.topic-missing', { topic })
        for await (const one of tailTopic(reading, topic, options)) show(cli, one, schemas)
      })
    } finally {
      off()
    }
    return exits.fine
  },
}

function lastOf(given: Given): number {
  const text = flagText(given, 'last') ?? '10'
  if (!/^\d{1,6}$/.test(text)) throw new HubError('usage.bad-value', { what: text, example: '--last 10' })
  return Number(text)
}

type Decoded = { readonly data: Value } | { readonly error: unknown }

function show({ screen, language }: Cli, { partition, offset, event }: Tailed, schemas: Schemas): void {
  const decoded = decode(event, schemas)
  const headers: Record<string, Value> = JSON.parse(event.attributes)
  const time = new Instant(event.time)
  if (screen.json) {
    const place = { partition: whole(partition), offset: whole(offset), time, key: event.key }
    return screen.value({ ...place, id: eventIdText(event.eventId), headers, ...jsonOf(decoded, language) })
  }
  const type = typeof headers['ce_type'] === 'string' ? headers['ce_type'] : '–'
  const head = `${screen.paint('dim', `${partition}:${offset}  ${time}`)}  ${screen.paint('bold', type)}  ${event.key}`
  screen.line(head)
  if ('data' in decoded) screen.line(`  ${writeJson(decoded.data)}`)
  else screen.line(`  ${screen.paint('red', saidOf(decoded.error, language).message)}`)
}

function jsonOf(decoded: Decoded, language: Language): ValueRecord {
  if ('data' in decoded) return decoded
  const { code, message, help } = saidOf(decoded.error, language)
  return { error: { code, message, help } }
}

const whole = (count: number): Decimal => new Decimal(String(count))

function decode(event: Tailed['event'], schemas: Schemas): Decoded {
  try {
    return { data: readEvent({ ...event, position: 0 }, schemas).data }
  } catch (error) {
    return { error }
  }
}
