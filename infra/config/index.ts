/**
 * What a user keeps in git, read with places: `readYaml` (text → nodes), `decode` (nodes → shapes), `loadProject` (a whole
 * folder), `openTables` (value maps, live) and `readOptions` (settings of the process). Shapes only; meaning is for lint.
 */
export * from './connection-file.ts'
export { decode, inOrder, validate, type Decoded } from './decode.ts'
export * from './editor-schemas.ts'
export * from './flow-file.ts'
export * from './forms-file.ts'
export type { KafkaLogSettings, LogSettings, PostgresSettings, StoreSettings } from './ground.ts'
export * from './hub-file.ts'
export type { Durability, KafkaSecurity, TopicTerms } from './kafka-part.ts'
export { childOf, isMap, isScalar, isSeq, nodeAt, placeIn, placeOf, placeOfKey } from './node.ts'
export type { YamlList, YamlMap, YamlNode } from './node.ts'
export * from './options.ts'
export {
  callTarget,
  duration,
  eventType,
  expression,
  identifier,
  instant,
  located,
  operationName,
  template,
  type CallTarget,
} from './parts.ts'
export type { ProjectFile } from './project-folder.ts'
export * from './project.ts'
export * from './snapshot.ts'
export * from './references.ts'
export * from './step.ts'
export type { TableChange } from './table-changes.ts'
export { editTable, type TableEdit } from './table-edit.ts'
export type { TableShape } from './table-header.ts'
export { findRow, parseTable, readDay, resultOf, type Table, type TableRow } from './table.ts'
export * from './tables.ts'
export { checkText, decodeText, readText, type TextRead } from './text-file.ts'
export * from './values.ts'
export * from './write-atomic.ts'
export * from './yaml.ts'
