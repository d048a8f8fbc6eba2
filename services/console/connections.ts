import type { Language } from '@shuniu/contracts'
import { commitAudited } from '@shuniu/infra/store'
import { z } from 'zod'
import { actor, text, whole } from './input.ts'
import { jsonOf } from './json.ts'
import type { ConsolePorts } from './ports.ts'

export const connectionParams = z.strictObject({ name: text('Name of the connection') })
export const checkBody = z.strictObject({
  documentsPerDay: whole(1, 1_000_000)
    .optional()
    .meta({ description: 'Documents a day that the forecast is made for' }),
})
export const checked = z.object({
  findings: z.array(z.object({ ok: z.boolean(), what: z.string(), help: z.string().optional() })),
  forecast: z.object({
    documentsPerDay: z.int(),
    forms: z.int(),
    calls: z.int(),
    perMonth: z.int().meta({ description: 'Calls the edition allows; 0 = no limit' }),
    usedThisMonth: z.int().optional(),
    lines: z.array(z.object({ what: z.string(), calls: z.int() })),
  }),
})
export const emptyBody = z.strictObject({})
export const discovered = z.object({
  forms: z.array(z.looseObject({ id: z.string(), title: z.string() })),
  lists: z.record(z.string(), z.array(z.record(z.string(), z.string()))),
})
export const sampleBody = z.strictObject({
  form: text('Id of a form; without it, the first that is mapped').optional(),
  last: whole(1, 20).default(1).meta({ description: 'So many of the newest documents' }),
  actor,
})
export const sampled = z.object({
  documents: z.array(z.unknown()),
  events: z.array(z.object({ type: z.string(), data: z.unknown() })),
})

type Named = z.output<typeof connectionParams>

/** Which permission is missing and where it is granted, in plain words; and what a month costs in calls. */
export async function checkConnection(
  { connections }: Pick<ConsolePorts, 'connections'>,
  { name, documentsPerDay }: Named & z.output<typeof checkBody>,
  language: Language,
): Promise<z.output<typeof checked>> {
  const findings = await connections.check(name)
  const forecast = connections.forecast(name, documentsPerDay)
  return {
    findings: findings.map(({ ok, what, help }) => ({
      ok,
      what: what[language],
      ...(help ? { help: help[language] } : {}),
    })),
    forecast: { ...forecast, lines: forecast.lines.map(({ what, calls }) => ({ what: what[language], calls })) },
  }
}

export const swept = z.object({ begun: z.boolean() })

/** Looks soon at what pushes may have lost; what is found comes in as receipts. */
export async function sweepConnection(
  { connections }: Pick<ConsolePorts, 'connections'>,
  { name }: Named,
): Promise<z.output<typeof swept>> {
  await connections.sweep(name)
  return { begun: true }
}

/** Forms, accounts and fields of the system. */
export async function discoverConnection(
  { connections }: Pick<ConsolePorts, 'connections'>,
  { name }: Named,
): Promise<z.output<typeof discovered>> {
  const { forms, lists } = await connections.discover(name)
  const rows = Object.entries(lists).map(([list, items]) => [list, items.map((item) => ({ ...item }))] as const)
  return { forms: forms.map((form) => ({ ...form })), lists: Object.fromEntries(rows) }
}

/** Real documents, unmasked, to build a mapping by; so who looked is kept in the audit log. */
export async function sampleConnection(
  ports: Pick<ConsolePorts, 'connections' | 'store' | 'clock'>,
  { name, form, last, actor: who }: Named & z.output<typeof sampleBody>,
): Promise<z.output<typeof sampled>> {
  const { documents, events } = await ports.connections.sample(name, { last, ...(form === undefined ? {} : { form }) })
  const line = { actor: who, action: 'connection sample', target: `connection ${name}`, reason: '', detail: form ?? '' }
  await commitAudited(ports, line)
  return { documents: documents.map(jsonOf), events: events.map(({ type, data }) => ({ type, data: jsonOf(data) })) }
}
