export * from './clock.ts'
export { realClock, realRandom } from './real.ts'
export { SimulatedClock, seededRandom } from './simulated.ts'
