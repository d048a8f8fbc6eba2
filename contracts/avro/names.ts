import { primitiveKinds, type PrimitiveKind } from './schema.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/

/** A name that generated code and plain objects can carry: in the grammar, and not one every object already has. */
export function isSafeName(name: unknown): name is string {
  return typeof name === 'string' && name.split('.').every((part) => NAME.test(part) && !(part in Object.prototype))
}

export function isPrimitive(name: unknown): name is PrimitiveKind {
  return primitiveKinds.some((kind) => kind === name)
}

/** The full name of one that was written inside a namespace. */
export function qualify(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

export function namespaceOf(name: string): string {
  return name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : ''
}

/** The last part of a full name; readers and writers match by it. */
export function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

/** A name as an error may show it. */
export function shown(name: unknown): string {
  return typeof name === 'string' ? name.slice(0, 128) : '?'
}
