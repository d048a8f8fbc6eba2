import { isIP } from 'node:net'
import { languages } from '@shuniu/contracts'
import { z } from 'zod'
import { isWholeGround, logShape, notWhole, storeShape } from './ground.ts'
import { expression, located, name, words } from './parts.ts'

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** `127.0.0.1`, `10.0.0.0/8`, `fd00::/8` */
export function isNetwork(text: string): boolean {
  const [address = '', prefix = '0', ...more] = text.split('/')
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return more.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= most
}

const onlyOne = { params: { code: 'config.one-of', keys: 'webhook, comment' } }

const port = z.int().min(0).max(65_535)

/** How `hub.yaml` is written. What the command line and the environment may say as well is in `options.ts`. */
export const hubShape = located(
  z
    .strictObject({
      name: name.describe('Name of the project.'),
      title: words.optional().describe('What people read.'),
      language: z.enum(languages).default('zh').describe('Language of notices: zh (default) or en.'),
      zone: z
        .string()
        .refine(isZone, { params: { code: 'config.bad-format', example: 'Asia/Shanghai' } })
        .default('Asia/Shanghai')
        .describe('Time zone of business dates.'),
      notices: z
        .strictObject({
          webhook: expression().optional().describe('Address that gets a POST; by reference when it holds a token.'),
          comment: name.optional().describe('Connection that comments on the document itself.'),
        })
        .refine((notices) => !(notices.webhook && notices.comment), onlyOne)
        .optional()
        .describe('Who hears of it when something parks or stays in doubt: one of webhook, comment.'),
      log: logShape.default('embedded').describe('Where events are kept: embedded, or a Kafka cluster.'),
      store: storeShape
        .default('embedded')
        .describe('Where receipts, runs and effects are kept: embedded, or a PostgreSQL database.'),
      data: z.string().min(1).optional().describe('Data folder; a relative one starts at this file.'),
      host: z.string().min(1).optional().describe('Address to listen on.'),
      port: port.optional().describe('Port of API, console and hooks.'),
      hooksPort: port.optional().describe('A port that serves /hooks alone.'),
      opsPort: port
        .optional()
        .describe('A port that serves probes and metrics alone, on every address and to anybody.'),
      behindProxy: z
        .array(z.string().refine(isNetwork, { params: { code: 'config.bad-format', example: '10.0.0.0/8' } }))
        .min(1)
        .optional()
        .describe('Addresses or networks of the proxy that does TLS; nobody else from elsewhere is answered.'),
      limits: z
        .strictObject({
          waiting: z
            .int()
            .min(1)
            .default(10_000)
            .describe('Receipts that wait to be understood before the door answers 503.'),
        })
        .prefault({})
        .describe('Limits of the hub itself.'),
    })
    .refine(isWholeGround, notWhole),
)

/** The hub's own file; defaults are filled in. */
export type HubFile = z.output<typeof hubShape>
