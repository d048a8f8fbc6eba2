export * from './connector.ts'
export * from './operation.ts'
export * from './schema.ts'
export * from './source.ts'
