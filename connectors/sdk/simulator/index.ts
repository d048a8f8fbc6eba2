export type { Book, BookEntry } from './book.ts'
export { faultRule, faults, faultTitles } from './faults.ts'
export type { ActiveFault, Fault, FaultPlan, FaultRule, TakenFault } from './faults.ts'
export { help, runSimulator } from './program.ts'
export type { RequestLog, RequestRecord } from './requests.ts'
export { startSimulator } from './server.ts'
export type { StartOptions } from './server.ts'
export { ActRefused } from './simulator.ts'
export type {
  Act,
  RunningSimulator,
  SimAnswer,
  SimRequest,
  Simulator,
  SimulatorContext,
  SimulatorDefinition,
  SimulatorOption,
  VendorFault,
} from './simulator.ts'
