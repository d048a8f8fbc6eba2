import { z } from 'zod'

export const findingKinds = [
  'missing',
  'doubled',
  'amount-differs',
  'period-differs',
  'unknown-to-us',
  'parked',
  'deleted',
] as const

export const finding = z.object({
  kind: z.enum(findingKinds),
  number: z.string(),
  connection: z.string().optional(),
  reference: z.string().optional(),
  document: z.string().optional(),
  expected: z.string().optional(),
  found: z.string().optional(),
  proposal: z.string().meta({ description: 'What a person could do; nothing is ever corrected by itself' }),
})
export type Finding = z.output<typeof finding>
