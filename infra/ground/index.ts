export type { Ground } from './port.ts'
export { openEmbeddedGround } from './embedded.ts'
export { openScaleGround, type ScaleOptions } from './scale.ts'
