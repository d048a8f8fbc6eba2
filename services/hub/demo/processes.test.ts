import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { shuniu } from '../cli/testing.ts'
import { checkPort } from './processes.ts'

test('a demo whose port is taken says so before it starts anything', async () => {
  const server = createServer()
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const { code, out, err } = await shuniu(['demo', '--once'], { environment: { SHUNIU_PORT: String(port) } })
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain('cli.cannot-listen')
  expect(err).toContain(`127.0.0.1:${port}`)
})

test('a free port, and any port, are fine', async () => {
  await expect(checkPort(0)).resolves.toBeUndefined()
})
