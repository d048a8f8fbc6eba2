/** Read a hub's events in plain Node: `new EventReader({ registry: { url } }).read(record)`. */
export { contracts, Day, Decimal, HubError, Instant, loadContracts } from '@shuniu/contracts'
export type { Contract, EventData, EventType, HubEvent } from '@shuniu/contracts'
export * from './event.ts'
export * from './reader.ts'
export * from './registry.ts'
export * from './seen.ts'
