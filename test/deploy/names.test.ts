import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { main } from '@shuniu/hub/cli'
import { decode, hubShape, optionTable, readYaml, reservedVariables } from '@shuniu/infra/config'
import { describe, expect, test } from 'vitest'
import { root } from '../processes/root.ts'

const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const files = globSync('deploy/{docker,compose,helm,systemd}/**/*', { cwd: root, exclude: ['**/secrets/**'] }).filter(
  (file) => /\.\w+$|Dockerfile$/.test(file),
)
const dockerfile = read('deploy/docker/Dockerfile')
const compose = read('deploy/compose/docker-compose.yml')
const helpers = read('deploy/helm/shuniu/templates/_helpers.tpl')
const unit = read('deploy/systemd/shuniu.service')
const processes = read('deploy/helm/shuniu/templates/processes.yaml')

/** Variables of a compose file alone, which no process of ours sees. */
const ofCompose = new Set(['SHUNIU_IMAGE'])

/** What the command line says of these words. */
async function help(...words: string[]): Promise<{ code: number; text: string }> {
  let text = ''
  const out = { write: (more: string) => (text += more) }
  const host = {
    out,
    err: out,
    in: Readable.from([]),
    environment: {},
    onStop: () => () => undefined,
    exit: () => undefined,
  }
  return { code: await main([...words, '--help'], host), text }
}

/** The numbers of all matches. */
const numbers = (text: string, pattern: RegExp): number[] =>
  [...text.matchAll(pattern)].map(([, number]) => Number(number))

describe('what deployments name exists in the code', () => {
  test.each(files)('every variable of %s', (file) => {
    const unknown = [...read(file).matchAll(/\bSHUNIU_[A-Z_]*[A-Z]\b/g)]
      .map(([variable]) => variable)
      .filter((variable) => !reservedVariables.has(variable) && !ofCompose.has(variable))
    expect(unknown).toEqual([])
  })

  const commands = [
    ...[...compose.matchAll(/^ +command: \[([a-z][^\]]*)\]$/gm)].map(([, words = '']) => words.split(', ')),
    ...[...helpers.matchAll(/"args" \(list ([^)]*)\)/g)].map(([, words = '']) => words.replaceAll('"', '').split(' ')),
    ...[...processes.matchAll(/args: \[(\w+)\]/g)].map(([, word = '']) => [word]),
    ...[...unit.matchAll(/^ExecStart=.*shuniu\.mjs (\w+)$/gm)].map(([, word = '']) => [word]),
    ...[...dockerfile.matchAll(/^CMD \["(\w+)"\]$/gm)].map(([, word = '']) => [word]),
  ]

  test('commands are found', () => {
    expect(new Set(commands.map(([word]) => word))).toEqual(new Set(['start', 'migrate', 'topics']))
  })

  test.each(commands)('the command %s %s %s', async (...words) => {
    const flags = words.filter((word) => word?.startsWith('--'))
    const at = words.findIndex((word) => word?.startsWith('--'))
    const { code, text } = await help(...(at === -1 ? words : words.slice(0, at)))
    expect(code).toBe(0)
    for (const flag of flags) expect(text).toContain(`${flag} `)
  })

  test('probes and scrapes ask for what the port for operations serves', () => {
    const served = [...read('services/hub/ops.ts').matchAll(/case '(\/\w+)':/g)].map(([, path]) => path)
    const asked = [
      ...processes.matchAll(/path: (\/\w+), port: ops/g),
      ...read('deploy/helm/shuniu/templates/upkeep.yaml').matchAll(/path: (\/\w+)/g),
      ...read('deploy/docker/health.mjs').matchAll(/\}(\/\w+)`/g),
    ].map(([, path]) => path)
    expect(asked.toSorted()).toEqual(['/livez', '/metrics', '/readyz', '/readyz', '/startupz'])
    for (const path of asked) expect(served).toContain(path)
  })

  test('a project of the profile scale is one', () => {
    const { node } = readYaml(read('deploy/compose/hub.scale.yaml'), 'hub.yaml')
    expect(node && decode(node, hubShape).problems).toEqual([])
  })

  test('files that the image is built from are there, and none of them stays outside', () => {
    for (const [, name = ''] of read('.dockerignore').matchAll(/^!(.+)$/gm))
      expect([name, existsSync(join(root, name))]).toEqual([name, true])
    for (const [, file = ''] of dockerfile.matchAll(/(deploy\/docker\/\w+\.mjs)/g))
      expect(existsSync(join(root, file))).toBe(true)
  })
})

describe('deployments agree with each other and with the code', () => {
  test('about ports', () => {
    const [http = 0, hooks = 0, ops = 0] = numbers(dockerfile, /(?:EXPOSE)?\s(\d{4})(?=[ \n])/g)
    expect([http, hooks, ops]).toEqual([optionTable.port.default, 7071, 7072])
    expect(numbers(helpers, /SHUNIU_(?:HOOKS_|OPS_)?PORT, value: '(\d+)'/g)).toEqual([http, hooks, ops])
    expect(numbers(processes, /containerPort: (\d+)/g)).toEqual([http, hooks, ops])
    expect(numbers(compose, /SHUNIU_(?:OPS_)?PORT: '(\d+)'/g)).toEqual([http, ops])
    expect(numbers(read('deploy/compose/prometheus.yml'), /port: (\d+)/g)).toEqual([ops])
    expect(numbers(unit, /SHUNIU_OPS_PORT=(\d+)/g)).toEqual([ops])
    expect(numbers(read('deploy/docker/health.mjs'), /'(\d+)'/g)).toEqual([ops])
  })

  test('about who they are and where data lies', () => {
    const users = [dockerfile, compose, processes, read('deploy/docker/assemble.mjs')].map((text) =>
      text.includes('65532'),
    )
    expect(users).toEqual([true, true, true, true])
    for (const text of [dockerfile, compose, helpers, unit]) expect(text).toContain('/var/lib/shuniu')
  })

  test('about how long a stop may take', () => {
    const [stop = 0] = numbers(read('services/hub/cli/commands/start.ts'), /stopWithin = (\d+)/g)
    const [before = 0] = numbers(processes, /sleep: \{ seconds: (\d+) \}/g)
    const [grace = 0] = numbers(read('deploy/helm/shuniu/values.yaml'), /^terminationGracePeriodSeconds: (\d+)/gm)
    expect(grace).toBeGreaterThanOrEqual(stop + before + 10)
    expect(numbers(unit, /TimeoutStopSec=(\d+)/g)[0]).toBeGreaterThan(stop)
    for (const seconds of numbers(compose, /stop_grace_period: (\d+)s/g)) expect(seconds).toBeGreaterThan(stop)
  })
})
