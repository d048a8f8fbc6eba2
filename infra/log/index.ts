export * from './port.ts'
export * from './place.ts'
export { openEmbeddedLog } from './embedded.ts'
export { openKafkaLog, type KafkaLogGround } from './kafka.ts'
