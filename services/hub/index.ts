export { findConnectors, findSimulators } from './connectors.ts'
export { startHub, type HubOptions, type Parts, type RunningHub } from './hub.ts'
export { compileProject, flowGround, openProject, schemaId } from './project.ts'
