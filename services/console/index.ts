/** The one API of the hub: `consoleModule(ports)` is a Nest module with every route, `ports.ts` says what it stands on. */
export { callerOf, checkRole, type AccessGround, type AccessRequest, type Caller, type Role } from './access.ts'
export { consoleModule } from './console.module.ts'
export { lookAt, type Look } from './health.ts'
export { ProblemFilter } from './http/problem.filter.ts'
export * from './ports.ts'
