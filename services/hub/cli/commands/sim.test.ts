import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { shuniu, temporaryFolder } from '../testing.ts'

const flags = ['--conditions=@shuniu/source', '--experimental-transform-types', '--no-warnings']
const main = fileURLToPath(new URL('../main.ts', import.meta.url))

test('runs as a program with its own flags, says where, and ends with 0 on SIGTERM', { timeout: 30_000 }, async () => {
  const folder = temporaryFolder()
  const code = `const { main } = await import(${JSON.stringify(main)}); await main(process.argv.slice(1))`
  const argv = ['sim', 'dingtalk', '--port', '0', '--data', folder.path, '--token', 'of-the-test-of-sim']
  const child = spawn(process.execPath, [...flags, '--input-type=module', '-e', code, '--', ...argv])
  const lines = createInterface({ input: child.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  expect(line).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+$/)
  const answer = await fetch(`${line.slice('ready '.length)}/_sim`)
  expect(await answer.json()).toMatchObject({ name: 'dingtalk' })
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  folder.remove()
})

test('an unknown system names the ones there are', async () => {
  const { code, err } = await shuniu(['sim', 'dingtlk'])
  expect(code).toBe(64)
  expect(err).toContain('dingtalk, kingdee')
})

test('its help lists the flags of each simulator', async () => {
  const { code, out } = await shuniu(['sim', '--help'])
  expect(code).toBe(0)
  expect(out).toMatch(/^Simulator of kingdee:\n {2}--data DIR/m)
  expect(out).toContain('--quota')
})
