import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { unqualified } from './avro/names.ts'
import { parseContractText, type Contract } from './contract.ts'
import type { RecordShape, Shape, ShapeField } from './shape.ts'

/**
 * Makes what is derived from the schemas in a folder (`contracts/events`): the types and the schemas as a module.
 * The key of each entry is the path in the repository; who writes the files and who checks that they are fresh call this.
 */
export function generate(folder: string): Map<string, string> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.avsc'))
  const read = files.toSorted().map((name) => readContract(readFileSync(join(folder, name), 'utf8'), name))
  return new Map([['contracts/events.gen.ts', moduleOf(read)]])
}

function readContract(text: string, name: string): Contract {
  const { contract, problems } = parseContractText(text)
  if (contract) return contract
  throw new Error(`${name}: ${problems.map((one) => one.error.message).join(' ')}`)
}

/** The whole module: one type for each record, the list of events, the schemas. */
export function moduleOf(contracts: readonly Contract[]): string {
  const records = contracts.flatMap((contract) => recordsIn(contract.shape))
  const events = contracts.map(({ type, shape }) => `  readonly '${type}': ${nameOf(shape)}`)
  const schemas = contracts.map(({ type, text }) => `  '${type}': ${text},`)
  return [
    '// Generated from events/*.avsc. Change those, then run `npm run generate`.',
    "import type { Day, Decimal, Instant } from './values.ts'",
    ...records.map(typeOf),
    `/** The data of each event that comes with the hub. */\nexport type EventData = {\n${events.join('\n')}\n}`,
    `export type EventType = keyof EventData`,
    `/** The schemas as they are registered. */\nexport const eventSchemas: Readonly<Record<EventType, object>> = {\n${schemas.join('\n')}\n}`,
    '',
  ].join('\n\n')
}

/** A record and those inside it, inner ones first. */
function recordsIn(shape: Shape): RecordShape[] {
  if (shape.kind === 'record') return [...shape.fields.flatMap((field) => recordsIn(field.shape)), shape]
  return shape.kind === 'list' || shape.kind === 'nullable' ? recordsIn(shape.of) : []
}

function typeOf(shape: RecordShape): string {
  return `${comment(shape.doc, '')}export type ${nameOf(shape)} = {\n${shape.fields.map(memberOf).join('\n')}\n}`
}

function memberOf(field: ShapeField): string {
  return `${comment(field.doc, '  ')}  readonly ${field.name}: ${typeText(field.shape)}`
}

function comment(doc: string, indent: string): string {
  return `${indent}/** ${doc.replaceAll('*/', '* /')} */\n`
}

function nameOf(shape: RecordShape): string {
  return unqualified(shape.name)
}

const leaves = { boolean: 'boolean', integer: 'Decimal', decimal: 'Decimal', instant: 'Instant', date: 'Day' } as const

function typeText(shape: Shape): string {
  switch (shape.kind) {
    case 'nullable':
      return `${typeText(shape.of)} | null`
    case 'list':
      return shape.of.kind === 'nullable' ? `readonly (${typeText(shape.of)})[]` : `readonly ${typeText(shape.of)}[]`
    case 'record':
      return nameOf(shape)
    case 'string':
      return shape.values?.map((value) => `'${value}'`).join(' | ') ?? 'string'
    default:
      return leaves[shape.kind]
  }
}
