import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestHub, type TestHub } from './test-hub/index.ts'

let hub: TestHub
beforeAll(async () => void (hub = await openTestHub()))
afterAll(() => hub.close())

const levelOf = async (name: string): Promise<unknown> => {
  const { json } = await hub.get('/api/v1/loggers')
  return name === 'root' ? json.level : json.loggers.find((one: { name: string }) => one.name === name)?.level
}

test('the level of one logger changes while the hub runs, and goes back', async () => {
  expect(await levelOf('vendor')).toBe('info')
  expect((await hub.put('/api/v1/loggers/vendor', { level: 'debug' })).status).toBe(200)
  expect([await levelOf('vendor'), await levelOf('ingress')]).toEqual(['debug', 'info'])
  expect(hub.ports.levels.allow('debug', 'vendor.call')).toBe(true)
  await hub.put('/api/v1/loggers/vendor', { level: 'inherit' })
  await hub.put('/api/v1/loggers/root', { level: 'warn' })
  expect([await levelOf('vendor'), await levelOf('root')]).toEqual(['warn', 'warn'])
})

test.each([
  ['vendro', { level: 'debug' }],
  ['vendor', { level: 'loud' }],
  ['vendor', {}],
])('a logger or a level that does not exist is refused: %s %j', async (name, body) => {
  expect((await hub.put(`/api/v1/loggers/${name}`, body)).status).toBe(422)
})
