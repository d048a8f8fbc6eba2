import type { Value, ValueRecord } from '@shuniu/contracts'
import type { Discovery, FormDescription, FormField } from '@shuniu/sdk'
import { unexpected } from './answers.ts'
import { allDepartments, usersOf, type Department, type User } from './contacts.ts'
import { failureOf } from './failures.ts'
import { fieldKeys, labelText } from './labels.ts'
import { callApi, type Session } from './session.ts'
import { filledText, innerJson, isTrue, listOf, recordOf, recordsOf, textOf } from './tolerant.ts'

/**
 * Forms with their fields, departments and users. Counted: a call for each form, and one for the list of forms
 * unless their codes are given.
 */
export async function discover(session: Session, codes?: readonly string[]): Promise<Discovery> {
  const forms: FormDescription[] = []
  for (const code of codes ?? (await managedForms(session))) {
    const form = await readForm(session, code)
    if (form) forms.push(form)
  }
  const departments = await allDepartments(session)
  const users = await usersOf(session, departments)
  return { forms, lists: { departments: rows(departments), users: rows(users) } }
}

const rows = (all: readonly (Department | User)[]): readonly Readonly<Record<string, string>>[] =>
  all.map((one) => ({ ...one }))

/** Forms that the user in `commentAs` manages. */
async function managedForms(session: Session): Promise<readonly string[]> {
  const { commentAs } = session.settings
  if (commentAs === undefined) throw failureOf('no-user', 'commentAs is not set')
  const path = `/v1.0/workflow/processes/managements/templates?userId=${encodeURIComponent(commentAs)}`
  const { result } = await callApi(session, { operation: 'form.list', method: 'GET', path })
  return recordsOf(result).flatMap(({ processCode }) => filledText(processCode) ?? [])
}

/** The form as it is today (dingtalk.md §4.1); undefined when it is switched off. */
export async function readForm(session: Session, code: string): Promise<FormDescription | undefined> {
  const path = `/v1.0/workflow/forms/schemas/processCodes?processCode=${encodeURIComponent(code)}`
  const { result } = await callApi(session, { operation: 'form.schema', method: 'GET', path })
  const form = recordOf(result)
  const schema = recordOf(form?.schemaContent)
  if (!form || !schema) throw unexpected(`form ${code} without schemaContent`)
  if (filledText(form.status) === 'INVALID') return undefined
  const fields = recordsOf(schema.items).flatMap(fieldOf)
  const doubled = fields.filter(({ id, label }) => fieldKeys(fields).get(id) !== label).map(({ label }) => label)
  if (doubled.length > 0) session.ground.log.warn('dingtalk.label-twice', { form: code, labels: doubled })
  return { id: code, title: filledText(form.name) ?? filledText(schema.title) ?? code, fields }
}

/** A component that holds something; notes and lines have no id or no label. */
function fieldOf(item: ValueRecord): FormField[] {
  const props = recordOf(item.props) ?? {}
  const id = filledText(props.id)
  const component = filledText(item.componentName)
  const label = labelText(props.label)
  if (id === undefined || component === undefined || label === '') return []
  const alias = filledText(props.bizAlias)
  const format = filledText(props.format)
  const options = listOf(props.options).flatMap((option) => optionText(option) ?? [])
  const field: FormField = {
    id,
    label,
    component,
    ...(alias === undefined ? {} : { alias }),
    ...(isTrue(props.required) ? { required: true } : {}),
    ...(options.length === 0 ? {} : { options }),
    ...(format === undefined ? {} : { format }),
    ...(component === 'TableField' ? { columns: recordsOf(item.children).flatMap(fieldOf) } : {}),
  }
  return [field]
}

/** An option is a text, or an object with its text under `value`, or that object as JSON. */
function optionText(option: Value): string | undefined {
  const inner = recordOf(option) ?? recordOf(innerJson(textOf(option)))
  return inner ? (filledText(inner.value) ?? filledText(inner.label)) : filledText(option)
}
