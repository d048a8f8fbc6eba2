import { z } from 'zod'
import { asWritten } from './decode.ts'
import {
  duration,
  eventType,
  expression,
  instant,
  located,
  missing,
  name,
  operationName,
  template,
  words,
} from './parts.ts'

const because = z.string().min(1).max(500).describe('Why it is safe to be shorter than the connector says.')

/** What a connection changes about an operation; anything shorter than the connector's own value needs `because`. */
const operationChange = located(
  z.strictObject({
    timeout: duration('100ms', '10m').optional().describe('How long an answer may take.'),
    quarantine: duration('0s', '1d').optional().describe('After which time the target can no longer execute a call.'),
    lookUps: z
      .strictObject({
        times: z.int().min(1).max(10).optional(),
        apart: duration('100ms', '10m').optional(),
      })
      .optional()
      .describe('Look-ups that must agree that a document is absent, and the gap between them.'),
    because: because.optional(),
  }),
)

const eventMapping = located(
  z.strictObject({
    source: operationName.describe('A source of the connector: `approval`.'),
    form: z.string().min(1).max(200).describe('Id of the form or type, as `discover` shows it.'),
    where: expression().optional().describe('Which documents of the form are meant.'),
    emit: eventType.describe('The event that such a document is.'),
    with: template().describe('Its data.'),
  }),
)

/** How `connections/<name>.yaml` is written. */
export const connectionShape = located(
  z
    .strictObject({
      connection: name.describe('Name of the connection, the same as its file.'),
      connector: name.describe('The connector that speaks the system: `dingtalk`.'),
      title: words.optional().describe('What people read.'),
      settings: z
        .record(z.string(), z.unknown())
        .transform(() => asWritten)
        .describe('Settings of the connector. Secrets by reference: `${env:NAME}`, `${file:path}`.'),
      from: instant.optional().describe('Older facts are skipped. Mandatory with `events`.'),
      events: z.array(eventMapping).min(1).optional().describe('Which documents are which events.'),
      operations: z.record(operationName, operationChange).optional().describe('Changes of what operations declare.'),
      limits: z
        .strictObject({
          concurrency: z.int().min(1).max(1000).optional().describe('Calls under way at once.'),
          perSecond: z.number().min(0).max(10_000).optional().describe('Calls a second; 0 = no limit.'),
          perMonth: z.int().min(0).optional().describe('Calls a calendar month; 0 = no limit.'),
        })
        .optional()
        .describe("Limits of calls, instead of the connector's own."),
      privateAddress: z
        .boolean()
        .optional()
        .describe(
          'true: the name of its address may lead into the company network. Numeric addresses need no permission.',
        ),
      formerly: name.optional().describe('The first name of a renamed connection: keeps its documents.'),
      new: z.boolean().optional().describe('true: it is no renamed one.'),
    })
    .refine((written) => !written.events || written.from, missing('from')),
)

/** A connection as it is written; `settings` and parts with expressions are nodes. */
export type ConnectionFile = z.output<typeof connectionShape>
export type EventMapping = z.output<typeof eventMapping>
export type OperationChange = z.output<typeof operationChange>
