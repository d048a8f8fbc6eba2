import { stringify } from 'yaml'
import { z } from 'zod'
import type { YamlLimits } from './yaml.ts'

/** Forms are written by `connection discover --save` and may be many: more room than a file that people write. */
export const formsLimits: YamlLimits = { bytes: 4 * 1024 * 1024, depth: 16, aliases: 0, nodes: 500_000 }

const label = z.string().max(500)

const field = z.strictObject({
  id: z.string().min(1).max(200).describe('Stable id of the field.'),
  label: label.describe('What the form shows; expressions may use it.'),
  alias: label.optional(),
  component: z.string().min(1).max(100).describe("The vendor's component: `MoneyField`."),
  required: z.boolean().optional(),
  options: z.array(z.string()).optional().describe('Closed list of values.'),
  format: z
    .string()
    .max(100)
    .optional()
    .describe('How the vendor writes the value, where that decides its type: `yyyy-MM-dd`.'),
  get columns(): z.ZodOptional<z.ZodArray<z.ZodType<FormField>>> {
    return z
      .array(z.lazy((): z.ZodType<FormField> => field))
      .optional()
      .describe('Columns of a table.')
  },
})

/** A field of a form, as the connector SDK declares it. */
export interface FormField {
  readonly id: string
  readonly label: string
  readonly alias?: string | undefined
  readonly component: string
  readonly required?: boolean | undefined
  readonly options?: readonly string[] | undefined
  readonly format?: string | undefined
  readonly columns?: readonly FormField[] | undefined
}

/** How `connections/<name>.forms.yaml` is written: the forms that a connection found in its system. */
export const formsShape = z.array(
  z.strictObject({
    id: z.string().min(1).max(200).describe('Id of the form: `PROC-…`.'),
    title: label,
    fields: z.array(field),
  }),
)

export type FormDescription = z.output<typeof formsShape>[number]

/** The text of a forms file, for `discover --save`. */
export function writeForms(connection: string, forms: readonly FormDescription[]): string {
  const header = `# Forms of ${connection}, found by: shuniu connection discover ${connection} --save\n`
  return header + stringify(forms, { lineWidth: 0, aliasDuplicateObjects: false })
}
