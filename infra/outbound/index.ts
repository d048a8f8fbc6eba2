export { CallFailure, type CallFailureDetail } from './failure.ts'
export type { BudgetPlan, HttpAnswer, HttpCall, Outbound, OutboundLimits, OutboundState, Permit, SendBy } from './port.ts'
