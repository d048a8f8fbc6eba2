export { CallFailure, type CallFailureDetail } from './failure.ts'
export { readAddress, type AllowedAddress, type Resolve } from './guard.ts'
export { openOutbound, type Outcome, type OutboundOptions } from './open.ts'
export type {
  BudgetPlan,
  HttpAnswer,
  HttpCall,
  Outbound,
  OutboundLimits,
  OutboundState,
  Permit,
  SendBy,
} from './port.ts'
export { retryAfter } from './retry-after.ts'
export { tokenCache, type FetchedToken, type TokenCache, type TokenCacheOptions } from './token.ts'
