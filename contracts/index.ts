export * from './catalogue.ts'
export * from './errors.ts'
export * from './values.ts'
export * from './words.ts'
