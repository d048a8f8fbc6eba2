import { parseAst } from 'vitest/node'

/** A place of the syntax tree, whatever it is. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly [property: string]: unknown
}

/** One import, re-export, `import()` or `import('…').Type`. */
export interface Import {
  readonly specifier: string
  readonly line: number
  /** It is gone when the code runs. */
  readonly typeOnly: boolean
}

/** Something to be found in code, by its syntax: strings and comments cannot be taken for it. */
export interface Habit {
  readonly rule: string
  /** Paths in the repository where it is fine. */
  allowedIn(path: string): boolean
  is(node: SyntaxNode): boolean
}

export interface Parsed {
  readonly imports: readonly Import[]
  readonly found: readonly { readonly habit: Habit; readonly line: number }[]
}

/** Reads a TypeScript file: what it imports, and where it has which habit. Throws on a syntax error. */
export function parseSource(text: string, habits: readonly Habit[]): Parsed {
  const imports: Import[] = []
  const found: { habit: Habit; line: number }[] = []
  const lineOf = lineCounter(text)
  visit(parseAst(text, { lang: 'ts' }), (node) => {
    const specifier = specifierOf(node)
    if (specifier !== undefined) imports.push({ specifier, line: lineOf(node.start), typeOnly: isTypeOnly(node) })
    for (const habit of habits) if (habit.is(node)) found.push({ habit, line: lineOf(node.start) })
  })
  return { imports, found }
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** The name of an identifier, and of a member such as `process.env`; undefined for what is longer or computed. */
export function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  if (node.type === 'Identifier') return typeof node['name'] === 'string' ? node['name'] : undefined
  if (node.type !== 'MemberExpression' || node['computed'] === true) return undefined
  const [object, property] = [nameOf(node['object']), nameOf(node['property'])]
  return object !== undefined && property !== undefined ? `${object}.${property}` : undefined
}

function visit(value: unknown, seen: (node: SyntaxNode) => void): void {
  if (typeof value !== 'object' || value === null) return
  if (isNode(value)) seen(value)
  for (const part of Object.values(value)) visit(part, seen)
}

const importTypes = [
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]

function specifierOf(node: SyntaxNode): string | undefined {
  if (!importTypes.includes(node.type)) return undefined
  const { source } = node
  return isNode(source) && typeof source['value'] === 'string' ? source['value'] : undefined
}

function isTypeOnly(node: SyntaxNode): boolean {
  return node.type === 'TSImportType' || node['importKind'] === 'type' || node['exportKind'] === 'type'
}

/** Lines count from 1. */
function lineCounter(text: string): (offset: number) => number {
  const breaks = [...text.matchAll(/\n/g)].map(({ index }) => index)
  return (offset) => {
    const after = breaks.findIndex((index) => index >= offset)
    return (after === -1 ? breaks.length : after) + 1
  }
}
