import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import * as prometheus from '../operated/prometheus.ts'
import { root } from '../processes/root.ts'
import { missingTools, prepare, run, skipped } from './tools.ts'

const missing = missingTools('compose')
const folder = join(root, 'deploy/compose')

interface Service {
  readonly profiles: readonly string[]
  readonly read_only?: boolean
  readonly user?: string
  readonly depends_on?: Readonly<Record<string, unknown>>
  readonly ports?: readonly { host_ip?: string }[]
  readonly volumes?: readonly { type: string; source: string; target: string }[]
}

/** The services of a profile, as the specification's own reader understands the file. */
function load(profile: string): Record<string, Service> {
  const said = run('compose', ['-format', 'json', 'docker-compose.yml'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
  })
  const { services } = JSON.parse(said) as { services: Record<string, Service> }
  return Object.fromEntries(Object.entries(services).filter(([, { profiles }]) => profiles.includes(profile)))
}

describe.skipIf(missing !== '')(`docker-compose.yml${skipped(missing)}`, () => {
  beforeAll(() => prepare('compose'), 900_000)

  test.each([
    ['embedded', ['grafana', 'hub', 'prometheus']],
    ['scale', ['grafana', 'ingress', 'kafka', 'migrate', 'orchestrator', 'postgres', 'prometheus', 'topics']],
  ])('keeps the specification, with every reference resolved, in the profile %s', (profile, services) => {
    const found = load(profile)
    expect(Object.keys(found).toSorted()).toEqual(services)
    for (const { depends_on = {} } of Object.values(found))
      for (const other of Object.keys(depends_on)) expect(services).toContain(other)
  })

  test.each(['embedded', 'scale'])('opens ports of %s to this machine alone, and mounts what there is', (profile) => {
    for (const { ports = [], volumes = [] } of Object.values(load(profile))) {
      for (const { host_ip } of ports) expect(host_ip).toBe('127.0.0.1')
      for (const { type, source } of volumes)
        if (type === 'bind') expect([source, existsSync(source)]).toEqual([source, true])
    }
  })

  test('lets no process of ours write to its image or be root', () => {
    const services = load('scale')
    for (const name of ['migrate', 'topics', 'ingress', 'orchestrator'])
      expect(services[name]).toMatchObject({ read_only: true, user: '65532:65532' })
  })
})

test.skipIf(prometheus.missing !== '')(
  `its Prometheus finds nothing wrong with its configuration${prometheus.withoutPrometheus}`,
  () => {
    const together = mkdtempSync(join(tmpdir(), 'shuniu-prometheus-'))
    for (const file of ['deploy/compose/prometheus.yml', 'deploy/prometheus/rules.yml'])
      copyFileSync(join(root, file), join(together, basename(file)))
    const checked = prometheus.promtool(['check', 'config', join(together, 'prometheus.yml')])
    rmSync(together, { recursive: true })
    expect(checked).toMatchObject({ fine: true, said: expect.stringContaining('rules found') })
  },
)
