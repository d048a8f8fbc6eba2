import { randomBytes } from 'node:crypto'
import { ActRefused } from '@shuniu/sdk/simulator'
import { z } from 'zod'
import { amountInWords } from './amount-in-words.ts'
import { findComponent } from './forms.ts'
import type { Component, Form } from './forms.ts'
import { departmentById, findDepartment, findUser } from './organisation.ts'
import type { Department, User } from './organisation.ts'

/** One filled field as *get instance* gives it (dingtalk.md §4.2): `value` is always a string, `null` when empty. */
export interface FieldValue {
  readonly componentType: string
  readonly bizAlias?: string
  readonly extValue?: string
  readonly id: string
  readonly name: string
  readonly value: string
}

/** Fields as a person fills them: by label, id or alias; a table is a list of such records. */
export type Fields = Readonly<Record<string, unknown>>

interface Written {
  readonly value: string
  readonly ext?: unknown
}

const EMPTY = 'null'

/** Every component of the form in its order; what is not filled is empty. Throws `ActRefused` when a field cannot be. */
export function fillForm({ items, name }: Form, fields: Fields): FieldValue[] {
  refuseUnknown(items, fields, name)
  return items.map((item) => fieldValue(item, fields))
}

/** The values with some of them changed. */
export function changeFields(form: Form, values: readonly FieldValue[], fields: Fields): FieldValue[] {
  refuseUnknown(form.items, fields, form.name)
  const changed = form.items
    .filter((item) => writtenIn(fields, item) !== undefined)
    .map((item) => fieldValue(item, fields))
  return values.map((value) => changed.find(({ id }) => id === value.id) ?? value)
}

function refuseUnknown(items: readonly Component[], fields: Fields, where: string): void {
  const unknown = Object.keys(fields).find((label) => !findComponent(items, label))
  if (unknown === undefined) return
  const known = items.map(({ props }) => props.label).join(', ')
  throw new ActRefused(`${where} has no field ${unknown}; it has ${known}`)
}

const writtenIn = (fields: Fields, { props }: Component): unknown =>
  fields[props.label] ?? fields[props.id] ?? (props.bizAlias === undefined ? undefined : fields[props.bizAlias])

function fieldValue(item: Component, fields: Fields): FieldValue {
  const { id, label: name, bizAlias } = item.props
  const { value, ext } = write(item, writtenIn(fields, item))
  return {
    componentType: item.componentName,
    ...(bizAlias === undefined ? {} : { bizAlias }),
    ...(ext === undefined ? {} : { extValue: JSON.stringify(ext) }),
    id,
    name,
    value,
  }
}

function write(item: Component, written: unknown): Written {
  if (written === undefined || written === null) return { value: EMPTY }
  const writer = writers[item.componentName]
  if (!writer) throw new ActRefused(`${item.componentName} cannot be filled`)
  try {
    return writer(item, written)
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    throw new ActRefused(`${item.props.label}: ${error.issues.map(({ message }) => message).join('; ')}`)
  }
}

const text = z.string()
const texts = z.array(z.string())
const oneOrMore = z.union([texts, text.transform((one) => [one])])
/** An amount as people write it, text or number, and as it is kept: decimal text. */
export const amount = z
  .union([z.string(), z.number().transform(String)], 'an amount is a decimal such as 4326.50')
  .pipe(z.string().regex(/^-?\d{1,13}(\.\d{1,2})?$/, 'an amount is a decimal such as 4326.50'))
const number = z.union([z.number().transform(String), z.string().regex(/^-?\d+(\.\d+)?$/)])
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?$/, 'a date is yyyy-MM-dd')
const files = z.array(z.object({ fileName: text, fileSize: z.coerce.number().default(1024) }).loose())
const rows = z.array(z.record(z.string(), z.unknown()))

const plain =
  (schema: z.ZodType<string>) =>
  (_item: Component, written: unknown): Written => ({ value: schema.parse(written) })
const list =
  (schema: z.ZodType<readonly string[]>) =>
  (_item: Component, written: unknown): Written => ({ value: JSON.stringify(schema.parse(written)) })

/** How each kind of component is filled. */
const writers: Readonly<Record<string, (item: Component, written: unknown) => Written>> = {
  TextField: plain(text),
  TextareaField: plain(text),
  NumberField: plain(number),
  DDDateField: plain(day),
  DDDateRangeField: list(z.tuple([day, day])),
  DDPhotoField: list(texts),
  RelateField: list(texts),
  MoneyField: (_item, written) => {
    const value = amount.parse(written)
    return { value, ext: { upper: amountInWords(value), componentName: 'MoneyField' } }
  },
  DDSelectField: (item, written) => {
    const chosen = option(item, text.parse(written))
    return { value: chosen.label, ext: chosen }
  },
  DDMultiSelectField: (item, written) => {
    const chosen = oneOrMore.parse(written).map((label) => option(item, label))
    return { value: JSON.stringify(chosen.map(({ label }) => label)), ext: chosen }
  },
  DepartmentField: (_item, written) => {
    const chosen = oneOrMore.parse(written).map(knownDepartment)
    return {
      value: names(chosen),
      ext: chosen.map(({ name, dept_id }) => ({ deptName: name, itemId: String(dept_id), name })),
    }
  },
  InnerContactField: (_item, written) => {
    const chosen = oneOrMore.parse(written).map(knownUser)
    return { value: names(chosen), ext: chosen.map(contact) }
  },
  DDAttachment: (_item, written) => ({ value: JSON.stringify(files.parse(written).map(attachment)) }),
  TableField: (item, written) => ({
    value: JSON.stringify(rows.parse(written).map((row) => tableRow(item, row))),
    ext: { statValue: [], componentName: 'TableField' },
  }),
}

const names = (chosen: readonly { readonly name: string }[]): string => chosen.map(({ name }) => name).join(',')

function option({ props }: Component, label: string): { label: string; key: string } {
  const index = props.options?.indexOf(label) ?? -1
  if (index < 0) throw new ActRefused(`${props.label} cannot be ${label}; it can be ${props.options?.join(', ')}`)
  return { label, key: `option_${index}` }
}

function knownDepartment(written: string): Department {
  const found = findDepartment(written)
  if (!found) throw new ActRefused(`there is no department ${written}`)
  return found
}

function knownUser(written: string): User {
  const found = findUser(written)
  if (!found) throw new ActRefused(`there is no user ${written}`)
  return found
}

const contact = ({ userid, name, department }: User) => ({
  emplId: userid,
  name,
  selectDeptName: departmentById(department)?.name ?? '',
  avatar: '',
  selectDeptId: String(department),
})

const attachment = ({ fileName, fileSize, ...more }: z.infer<typeof files>[number]) => ({
  spaceId: '24876130955',
  fileName,
  fileSize,
  fileType: fileName.split('.').at(-1) ?? '',
  fileId: String(randomBytes(5).readUIntBE(0, 5)),
  ...more,
})

function tableRow({ props, children = [] }: Component, row: Fields): object {
  refuseUnknown(children, row, props.label)
  const rowValue = children.map((child) => {
    const { value, ext } = write(child, writtenIn(row, child))
    return {
      componentType: child.componentName,
      label: child.props.label,
      ...(child.componentName === 'DDSelectField' && ext !== undefined ? { extendValue: ext } : {}),
      value,
      key: child.props.id,
    }
  })
  return { rowValue, rowNumber: `${props.id}_${rowKey()}` }
}

const rowKey = (): string => randomBytes(9).toString('base64url').toUpperCase().replace(/[-_]/g, '0')
