import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, cpSync, globSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePort } from '../processes/free-port.ts'
import { root } from '../processes/root.ts'
import { skipped } from './tools.ts'

vi.setConfig({ testTimeout: 60_000 })

/** No engine of containers is needed: the kernel is asked for what one would ask. It takes root, and the registry of npm. */
const missing = process.env['CI'] === 'true' ? '' : 'only with CI=true, as root'
if (missing !== '') process.stderr.write(`THE IMAGE IS NOT TESTED: ${missing}\n`)

/** As in a container: nothing may be written but /tmp and the data, by a user that owns nothing else. */
const container = `set -e
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"
mount -t tmpfs tmpfs "$1/tmp"
mount -t tmpfs -o uid=65532,gid=65532,mode=700 tmpfs "$1/var/lib/shuniu"
mount --bind "$2" "$1/project" && mount -o remount,bind,ro "$1/project"
image=$1; shift 2
exec chroot --userspec=65532:65532 "$image" "$@"`

describe.skipIf(missing !== '')(`the image${skipped(missing)}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-image-'))
  const [image, project] = [join(folder, 'image'), join(folder, 'project')]
  let hub: ChildProcess | undefined

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, [join(root, 'deploy/docker/assemble.mjs'), image])
    mkdirSync(project)
    mkdirSync(join(image, 'var/lib/shuniu'), { recursive: true })
    cpSync(join(root, 'examples/payment-to-voucher'), project, { recursive: true })
    chmodSync(project, 0o755)
  }, 240_000)
  afterAll(() => {
    hub?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  function inside(environment: Record<string, string>, ...command: readonly string[]): ChildProcess {
    const args = ['--mount', 'sh', '-c', container, 'container', image, project, ...command]
    return spawn('unshare', args, {
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  }

  test('holds Node, its libraries and the product: no shell, no package manager, nothing of other systems', () => {
    const files = globSync('**/*', { cwd: image }).filter((file) => statSync(join(image, file)).isFile())
    expect(
      files.filter((file) => /(^|\/)(ba|da|a)?sh$|(^|\/)(npm|npx|apt|busybox)$/.test(file) && !/\.\w+$/.test(file)),
    ).toEqual([])
    expect(files.filter((file) => file.endsWith('.node'))).toHaveLength(1)
    expect(files.filter((file) => /\.(test|d)\.ts$|\.map$/.test(file) && !file.includes('node_modules'))).toEqual([])
    const megabytes = files.reduce((sum, file) => sum + statSync(join(image, file)).size, 0) / 1e6
    expect(megabytes).toBeLessThan(240)
  })

  test('runs read-only as nobody, is found healthy, and stops when it is asked', async () => {
    const [port, ops] = [await freePort(), await freePort()]
    const environment = {
      SHUNIU_PROJECT: '/project',
      SHUNIU_DATA: '/var/lib/shuniu',
      SHUNIU_PORT: port,
      SHUNIU_OPS_PORT: ops,
      SHUNIU_LOG_LEVEL: 'error',
      DINGTALK_URL: 'http://127.0.0.1:9',
      KINGDEE_URL: 'http://127.0.0.1:9',
    }
    const node = '/usr/local/bin/node'
    hub = inside(environment, node, '/app/services/hub/bin/shuniu.mjs', 'start')
    const ended = new Promise((resolve) => hub?.once('exit', (code) => resolve(code)))
    const health = (): Promise<unknown> => {
      const asked = inside(environment, node, '/app/health.mjs')
      return new Promise((resolve) => asked.once('exit', (code) => resolve(code)))
    }
    await expect.poll(health, { timeout: 30_000, interval: 500 }).toBe(0)
    const verbose = await (await fetch(`http://127.0.0.1:${ops}/readyz?verbose`)).text()
    expect(verbose).toMatch(/^\[\+\]hub ok\n\[\+\]store ok\n/)
    hub.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(await health()).toBe(1)
  })
})
