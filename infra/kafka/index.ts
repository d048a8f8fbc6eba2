export * from './port.ts'
export { openKafka } from './driver.ts'
export { ensureTopics } from './topics.ts'
export type { Finding } from './cursor.ts'
