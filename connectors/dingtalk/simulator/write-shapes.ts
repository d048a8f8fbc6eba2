import { z } from 'zod'
import { findComponent } from './forms.ts'
import type { Component, Form } from './forms.ts'
import type { Fields } from './values.ts'

/** `formComponentValues` of *create instance*. */
export const writtenValues = z
  .array(z.object({ name: z.string(), value: z.string(), id: z.string().optional(), bizAlias: z.string().optional() }))
  .max(150)

type WrittenValues = readonly z.infer<typeof written>[]
const written = z.object({ name: z.string(), value: z.string() })

/** A value that is not in the shape its component is written in. */
export class WriteShapeError extends Error {}

/** The fields a person would have filled: writing has other shapes than reading (dingtalk.md §4.3). */
export function fieldsOf({ items }: Form, values: z.infer<typeof writtenValues>): Fields {
  return fill(
    items,
    values.map(({ id, bizAlias, name, value }) => ({ name: id ?? bizAlias ?? name, value })),
  )
}

const fill = (items: readonly Component[], values: WrittenValues): Fields =>
  Object.fromEntries(values.map(({ name, value }) => [name, readValue(items, name, value)]))

const texts = z.array(z.string())
const rows = z.array(z.array(written))
const files = z.array(z.looseObject({ fileName: z.string() }))

function readValue(items: readonly Component[], name: string, value: string): unknown {
  const item = findComponent(items, name)
  if (!item) throw new WriteShapeError(`表单没有控件 ${name}`)
  switch (item.componentName) {
    case 'DepartmentField':
      return value.split(',')
    case 'InnerContactField':
    case 'DDMultiSelectField':
    case 'DDDateRangeField':
    case 'DDPhotoField':
    case 'RelateField':
      return json(texts, name, value)
    case 'DDAttachment':
      return json(files, name, value)
    case 'TableField':
      return json(rows, name, value).map((row) => fill(item.children ?? [], row))
    default:
      return value
  }
}

function json<Shape>(shape: z.ZodType<Shape>, name: string, value: string): Shape {
  try {
    return shape.parse(JSON.parse(value))
  } catch (cause) {
    throw new WriteShapeError(`控件 ${name} 的值格式错误`, { cause })
  }
}
