/** JSON without loss: the one codec for whatever crosses our borders or goes into our stores. */
export type { JsonLimits } from './limits.ts'
export { packValue, unpackValue } from './pack.ts'
export { parseJson } from './parse.ts'
export { canonicalJson, writeJson } from './write.ts'
