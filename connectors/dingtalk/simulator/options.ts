import type { SimulatorOption } from '@shuniu/sdk/simulator'
import { z } from 'zod'
import { callbackDefaults } from './organisation.ts'

const option = (help: string, byDefault?: string): SimulatorOption => ({
  type: 'string',
  help,
  ...(byDefault !== undefined && { default: byDefault }),
})

/** Flags of this simulator's program. Times are in ms unless they say otherwise. */
export const options = {
  quota: option('calls a month; 0 = no end', '0'),
  qps: option('calls a second of one API (the vendor: 20); 0 = no limit', '0'),
  'push-quota': option('events a month, above which they stop silently; 0 = no end', '0'),
  'token-life': option('seconds a token lives', '7200'),
  without: option('permissions the application lacks, e.g. Workflow.Instance.Read', ''),
  history: option('days a list of ids may reach back (OA advanced edition: 1825)', '365'),
  events: option('event types ticked in the console; narrower with /finish and so on', 'bpms_instance_change'),
  redeliver: option('gaps before each re-delivery', '10000,30000'),
  'ack-within': option('time for an acknowledgement: stream, HTTP', '3000,2500'),
  'failed-after': option('until a given-up event shows in the failed list', '180000'),
  ping: option('gap between the pings of a stream connection', '60000'),
  silence: option('between the disconnect frame and the end of the connection', '10000'),
  push: option('both = stream and callback get every event; otherwise the callback only without a stream', 'one'),
  callback: option('address events are posted to'),
  token: option('token of the callback', callbackDefaults.token),
  'aes-key': option('EncodingAESKey of the callback', callbackDefaults.aesKey),
  'receive-id': option('id behind the callback texts', callbackDefaults.receiveId),
} as const

const count = z
  .string()
  .regex(/^\d{1,9}$/, 'is a whole number')
  .transform(Number)
const list = z.string().transform((text) => text.split(',').filter((part) => part !== ''))
const counts = list.pipe(z.array(count))

const shape = z.object({
  quota: count,
  qps: count,
  'push-quota': count,
  'token-life': count,
  without: list,
  history: count,
  events: list,
  redeliver: counts,
  'ack-within': list.pipe(z.tuple([count, count])),
  'failed-after': count,
  ping: count,
  silence: count,
  push: z.enum(['one', 'both']),
  callback: z.url().optional(),
  token: z.string(),
  'aes-key': z.string().regex(/^[A-Za-z0-9]{43}$/, 'is 43 letters and digits'),
  'receive-id': z.string(),
})

/** The flags, as the parts of the simulator take them; throws with every flag that cannot be understood. */
export function readOptions(given: Readonly<Record<string, string | undefined>>) {
  const parsed = shape.safeParse(given)
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map(({ path, message }) => `--${String(path[0])} ${message}`).join('; '))
  }
  const flags = parsed.data
  const [streamAck, callbackWithin] = flags['ack-within']
  const keys = { token: flags.token, aesKey: flags['aes-key'], receiveId: flags['receive-id'] }
  return {
    tokenLife: flags['token-life'],
    historyDays: flags.history,
    gate: { quota: flags.quota, qps: flags.qps, missing: flags.without },
    stream: { ackWithin: streamAck, pingEvery: flags.ping, silence: flags.silence },
    callbackWithin,
    callback: flags.callback === undefined ? undefined : { url: flags.callback, ...keys },
    publisher: {
      ticked: flags.events,
      redeliver: flags.redeliver,
      failedAfter: flags['failed-after'],
      quota: flags['push-quota'],
      both: flags.push === 'both',
    },
  }
}
