export * from './port.ts'
export * from './tables.ts'
export { hash52 } from './hash.ts'
export { openEmbeddedStore } from './sqlite.ts'
