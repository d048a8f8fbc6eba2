/** The acceptance kit: what every connector's test calls. It needs vitest and fast-check, so only tests import it. */
export { acceptance } from './acceptance.ts'
export { openScene } from './scene.ts'
export type { Hub, Ready } from './hub.ts'
export type { Stand } from './stand.ts'
export type { Answer, FailureSample, OperationSample, Scene, SourceSample, Subject } from './subject.ts'
