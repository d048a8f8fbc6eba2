/** The one API of the hub: `consoleModule(ports)` is a Nest module with every route, `ports.ts` says what it stands on. */
export { refusalOf, type AccessRequest } from './access.ts'
export { consoleModule } from './console.module.ts'
export { ProblemFilter } from './http/problem.filter.ts'
export * from './ports.ts'
