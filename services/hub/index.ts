export { findConnectors, findSimulators } from './connectors.ts'
export { startHub, type HubOptions, type RunningHub } from './hub.ts'
export type { Parts } from './parts.ts'
export { compileProject, flowGround, openProject, schemaId } from './project.ts'
