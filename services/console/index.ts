/** The one API of the hub: `consoleModule(ports)` is a Nest module with every route, `ports` what it stands on. */
export { refusalOf, type AccessRequest } from './access.ts'
export { consoleModule, ProblemFilter } from './console.module.ts'
export { takeBytes } from './body.ts'
export * from './ports.ts'
