import { Day, emptyRecord, Instant, type Field, type FieldType, type Value, type ValueRecord } from '@shuniu/contracts'
import { writeJson } from '@shuniu/infra/json'
import type { FormField } from '@shuniu/sdk'
import { fieldKeys, labelText } from './labels.ts'
import { filledText, innerJson, recordsOf, textOf } from './tolerant.ts'

/** One filled component of an instance or of a table's row; a cell has its id under `key` (dingtalk.md §4.2). */
export interface Component {
  readonly kind: string
  readonly id: string
  readonly label: string
  readonly value: string | undefined
  /** What stands beside the value, or its JSON as a text: only who needs it reads that. */
  readonly ext: Value | undefined
}

/** How one kind of component is typed and read. */
interface Kind {
  type(field: FormField): FieldType
  /** `field` = its description, when known. */
  read(component: Component & { readonly value: string }, field: FormField | undefined): Value
  /** What an empty one is: a list without items, or null. */
  readonly empty: null | readonly []
}

const STRING: FieldType = { kind: 'string' }
const nullableText: Field = { type: { kind: 'nullable', of: STRING } }
/** Without an id nobody can be booked on: where DingTalk leaves it out, the contract refuses the null and the receipt parks. */
const person: FieldType = { kind: 'record', fields: { id: { type: STRING }, name: nullableText } }
const file: FieldType = {
  kind: 'record',
  fields: { id: nullableText, name: nullableText, size: nullableText, type: nullableText, spaceId: nullableText },
}

const scalar = (read: (value: string) => Value, type: Kind['type']): Kind => ({
  type,
  read: ({ value }) => read(value),
  empty: null,
})
const list = (type: (field: FormField) => FieldType, read: Kind['read']): Kind => ({
  type: (field) => ({ kind: 'list', of: type(field) }),
  read,
  empty: [],
})

/** Numbers and money stay the text they are in the form: `money()` makes the decimal, so lint sees the difference. */
const text = scalar(
  (value) => value,
  () => STRING,
)
const texts = list(
  () => STRING,
  ({ value }) => textsIn(value),
)

/** Every component of the sheet; whatever else there is, suites above all, is its raw text. */
const kinds: ReadonlyMap<string, Kind> = new Map(
  Object.entries<Kind>({
    TextField: text,
    TextareaField: text,
    NumberField: text,
    MoneyField: text,
    DDSelectField: text,
    AddressField: text,
    PhoneField: text,
    StarRatingField: text,
    CalculateField: text,
    DDMultiSelectField: texts,
    DDPhotoField: texts,
    RelateField: texts,
    TimeAndLocationField: texts,
    DDDateField: scalar(dateOf, dateType),
    // Further elements, such as a length, are unconfirmed.
    DDDateRangeField: list(dateType, ({ value }) => textsIn(value).slice(0, 2).map(dateOf)),
    InnerContactField: list(
      () => person,
      ({ value, ext }) => peopleIn(value, ext, 'emplId'),
    ),
    DepartmentField: list(
      () => person,
      ({ value, ext }) => peopleIn(value, ext, 'itemId'),
    ),
    DDAttachment: list(
      () => file,
      ({ value }) => recordsOf(innerJson(value)).map(fileOf),
    ),
    TableField: list(
      ({ columns }) => ({ kind: 'record', fields: fieldTypes(columns ?? []) }),
      ({ value }, field) => rowsOf(value, field?.columns ?? []),
    ),
  }),
)

const kindOf = (component: string): Kind => kinds.get(component) ?? text

/** A JSON list's texts; a text that is no list counts as its only item. */
function textsIn(value: string): readonly string[] {
  const inner = innerJson(value)
  if (inner === undefined) return [value]
  return Array.isArray(inner) ? inner.map((item: Value) => textOf(item) ?? writeJson(item)) : [value]
}

/** Dates of forms are local: without a time a day, with one an instant in Asia/Shanghai, else the text as it is. */
function dateOf(value: string): Value {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2}(?::\d{2})?))?$/.exec(value) ?? []
  if (day === undefined) return value
  return (time === undefined ? Day.parse(day) : Instant.parse(`${day}T${time}+08:00`)) ?? value
}

function dateType({ format }: FormField): FieldType {
  if (format === undefined) return { kind: 'dyn' }
  return /h/i.test(format) ? { kind: 'instant' } : { kind: 'date' }
}

function peopleIn(names: string, ext: Value | undefined, idKey: string): Value {
  const known = recordsOf(typeof ext === 'string' ? innerJson(ext) : ext).map((one) => ({
    id: filledText(one[idKey]) ?? null,
    name: filledText(one.name) ?? null,
  }))
  return known.length > 0 ? known : names.split(',').map((name) => ({ id: null, name }))
}

const fileOf = (one: ValueRecord): ValueRecord => ({
  id: filledText(one.fileId) ?? null,
  name: filledText(one.fileName) ?? null,
  size: filledText(one.fileSize) ?? null,
  type: filledText(one.fileType) ?? null,
  spaceId: filledText(one.spaceId) ?? null,
})

/** An untouched table may come back as the definitions of its columns: only what owns `rowValue` is a row. */
function rowsOf(value: string, columns: readonly FormField[]): Value {
  const rows = recordsOf(innerJson(value)).filter((row) => Array.isArray(row.rowValue))
  return rows.map((row) => readFields(recordsOf(row.rowValue).map(cellOf), columns).values)
}

const cellOf = (cell: ValueRecord): Component => ({
  kind: filledText(cell.componentType) ?? '',
  id: filledText(cell.key) ?? labelText(cell.label),
  label: labelText(cell.label),
  value: valueText(cell.value),
  ext: cell.extendValue ?? filledText(cell.extValue),
})

/** One entry of `formComponentValues`. */
export const componentOf = (one: ValueRecord): Component => ({
  kind: filledText(one.componentType) ?? '',
  id: filledText(one.id) ?? labelText(one.name),
  label: labelText(one.name),
  value: valueText(one.value),
  ext: filledText(one.extValue),
})

/** Values are texts; should one not be, it is written as JSON. */
function valueText(value: Value | undefined): string | undefined {
  return typeof value === 'object' && value !== null ? (textOf(value) ?? writeJson(value)) : filledText(value)
}

/** The type of `document.fields`, or of a table's rows. What the form does not require may be null. */
export function fieldTypes(fields: readonly FormField[]): Readonly<Record<string, Field>> {
  const keys = fieldKeys(fields)
  const types = fields.map((field) => [keys.get(field.id) ?? field.id, typed(field)] as const)
  return Object.fromEntries(types)
}

function typed(field: FormField): Field {
  const kind = kindOf(field.component)
  const type = kind.type(field)
  const doc = `${field.component} ${field.id}${field.alias === undefined ? '' : ` (${field.alias})`}`
  const values = field.options && field.options.length > 0 ? { values: field.options } : {}
  return {
    type: kind.empty === null && field.required !== true ? { kind: 'nullable', of: type } : type,
    doc,
    ...values,
  }
}

/**
 * The typed values under their keys. `fields` = the form as saved: its labels name the keys even when somebody has
 * renamed a field since, and a field that is not there is empty. `doubled`: labels that could not be keys.
 */
export function readFields(
  components: readonly Component[],
  fields: readonly FormField[],
): { readonly values: ValueRecord; readonly doubled: readonly string[] } {
  const form = formOf(fields)
  const { described } = form
  const unknown = components.filter(({ id }) => !described.has(id))
  const keys = unknown.length === 0 ? form.keys : fieldKeys([...fields, ...unknown])
  const values = emptyRecord()
  for (const { id, component } of fields) values[keys.get(id) ?? id] = kindOf(component).empty
  for (const component of components) {
    values[keys.get(component.id) ?? component.id] = valueOf(component, described.get(component.id))
  }
  const doubled = [...fields, ...unknown].filter(({ id, label }) => label !== '' && keys.get(id) !== label)
  return { values, doubled: doubled.map(({ label }) => label) }
}

function valueOf(component: Component, field: FormField | undefined): Value {
  const kind = kindOf(component.kind || (field?.component ?? ''))
  return isFilled(component) ? kind.read(component, field) : kind.empty
}

const isFilled = (component: Component): component is Component & { readonly value: string } =>
  component.value !== undefined

interface Form {
  readonly described: ReadonlyMap<string, FormField>
  readonly keys: ReadonlyMap<string, string>
}

/** What follows from a saved form alone: the same for each of its documents. */
const forms = new WeakMap<readonly FormField[], Form>()

function formOf(fields: readonly FormField[]): Form {
  const known = forms.get(fields)
  if (known) return known
  const form = { described: new Map(fields.map((field) => [field.id, field])), keys: fieldKeys(fields) }
  forms.set(fields, form)
  return form
}
