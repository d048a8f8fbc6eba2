/** A hub's events in NestJS: `new ShuniuServer({…})` is a strategy for `connectMicroservice`. */
export { EventContext } from './context.ts'
export { usualRetry, type GivenUp, type RetryPolicy } from './deliver.ts'
export { ShuniuServer, type ShuniuOptions } from './server.ts'
export type { EventOf } from '@shuniu/client'
