import { languages } from '@shuniu/contracts'
import { z } from 'zod'
import { expression, located, name, words } from './parts.ts'

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const onlyOne = { params: { code: 'config.one-of', keys: 'webhook, comment' } }

const port = z.int().min(0).max(65_535)

/** How `hub.yaml` is written. What the command line and the environment may say as well is in `options.ts`. */
export const hubShape = located(
  z.strictObject({
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
    log: z.enum(['embedded']).default('embedded').describe('Where events are kept.'),
    store: z.enum(['embedded']).default('embedded').describe('Where receipts, runs and effects are kept.'),
    data: z.string().min(1).optional().describe('Data folder; a relative one starts at this file.'),
    host: z.string().min(1).optional().describe('Address to listen on.'),
    port: port.optional().describe('Port of API, console and hooks.'),
    hooksPort: port.optional().describe('A port that serves /hooks alone.'),
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
  }),
)

/** The hub's own file; defaults are filled in. */
export type HubFile = z.output<typeof hubShape>
