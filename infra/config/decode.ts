import type { Problem } from '@shuniu/contracts'
import { Scalar } from 'yaml'
import type { z } from 'zod'
import { fromSchema, problemsOf } from './issues.ts'
import { childOf, type YamlNode } from './node.ts'
import { nodeToPlain } from './values.ts'

/** What was read, or everything that is wrong with it: `value` is undefined exactly when there are problems. */
export interface Decoded<T> {
  readonly value: T | undefined
  readonly problems: readonly Problem[]
}

/** In a schema's output: stands for the node at this place (`asWritten`), or for the map it is in (`here`). */
export const asWritten: YamlNode = new Scalar('as written')
export const here: YamlNode = new Scalar('here')

/** Reads a node by a schema: every problem with its place and, for a wrong name, the nearest right one. */
export function decode<Schema extends z.ZodType>(node: YamlNode, schema: Schema): Decoded<z.output<Schema>> {
  const { value, problems } = validate(nodeToPlain(node), node, schema)
  return { value: putNodes(value, node), problems }
}

/**
 * Checks plain data that came out of `node` (settings with their references resolved, for instance) and reports with the
 * places of the node. Problems never show a value, so that a secret cannot get into a message.
 */
export function validate<Schema extends z.ZodType>(
  plain: unknown,
  node: YamlNode,
  schema: Schema,
): Decoded<z.output<Schema>> {
  const read = schema.safeParse(plain, { error: fromSchema })
  if (read.success) return { value: read.data, problems: [] }
  const problems = read.error.issues.flatMap((issue) => problemsOf(issue, plain, node))
  return { value: undefined, problems: inOrder(problems) }
}

const nowhere = { file: '', line: 0, column: 0 }

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

/** Problems in the order of their places: file by file, as a person reads. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted(({ error: one }, { error: other }) => {
    const [a, b] = [one.place ?? nowhere, other.place ?? nowhere]
    return compare(a.file, b.file) || a.line - b.line || a.column - b.column
  })
}

/** Replaces the stand-ins in an output by the nodes they stand for; the output has the shape of the node. */
function putNodes<T>(output: T, node: YamlNode): T
function putNodes(output: unknown, node: YamlNode): unknown {
  if (output === asWritten) return node
  if (Array.isArray(output)) return output.map((item, index) => putChild(item, node, index))
  if (!isPlainObject(output)) return output
  return Object.fromEntries(Object.entries(output).map(([key, value]) => [key, putChild(value, node, key)]))
}

function putChild(output: unknown, parent: YamlNode, step: string | number): unknown {
  if (output === here) return parent
  const child = childOf(parent, step)
  return child ? putNodes(output, child) : output
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
