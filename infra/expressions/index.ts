/** One expression language, for connections and flows: parse, check, compile, run. Pure, bounded, without a clock. */
export { limits, type LookUpMade, type Scope } from './budget.ts'
export type { Environment, HostCall, HostFunction } from './environment.ts'
export { compileExpression, type Compiled } from './expression.ts'
export { durationText, instantText } from './functions/write.ts'
export { functionReference, functionTable, type FunctionEntry } from './reference.ts'
export type { Locate } from './site.ts'
export { compileNode, compileTemplate, type CompiledTemplate, type Explained } from './template.ts'
export {
  assignable,
  fieldOf,
  join as joinTypes,
  stripNull,
  typeName,
  typeOfField,
  types,
  type RecordType,
  type Type,
  type TypeField,
} from './types.ts'
