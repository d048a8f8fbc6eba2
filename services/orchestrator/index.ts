export { auditHash } from '@shuniu/infra/store'
export {
  dryRun,
  type Answerer,
  type DryCall,
  type DryEvent,
  type DryField,
  type DryGround,
  type DryRun,
} from './dry-run.ts'
export { readEvent, eventRow, type Schemas } from './events.ts'
export { compileFlow } from './flow/compile.ts'
export { checkLookUp, type LookUpCheck } from './flow/check-look-ups.ts'
export { crosswalkHash } from './flow/crosswalk.ts'
export type { FlowGround, LookUp, LookUpGround } from './flow/ground.ts'
export { lookUps } from './flow/lookups.ts'
export type { FlowEvent, FlowPlan, Learned, RunContext, Scope, StepPlan, Trigger, UndoPlan } from './flow/plan.ts'
export { checkFlows } from './flow/triggers.ts'
export type { CallRequest, Output } from './ledger/ground.ts'
export { referenceOf, type EffectIdentity } from './ledger/reference.ts'
export { intakeReader, Orchestrator, type OrchestratorGround } from './orchestrator.ts'
export type { Decision } from './parking.ts'
export { keyHash } from './run/rows.ts'
export { Interrupt, type ParkDetail, type Standing } from './run/standing.ts'
export { crosswalkTag, periodTag, tableTag } from './tags.ts'
export { sentBefore } from './ledger/first-send.ts'
