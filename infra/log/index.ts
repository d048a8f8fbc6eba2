export * from './port.ts'
export { openEmbeddedLog } from './embedded.ts'
