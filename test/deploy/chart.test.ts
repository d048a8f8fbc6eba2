import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kubernetes, kubernetesSchemas, missingTools, prepare, run, skipped } from './tools.ts'

const missing = missingTools('helm', 'kubeconform')
const chart = 'deploy/helm/shuniu'

const installations: readonly [string, object][] = [
  ['one process with TLS', { tls: { existingSecret: 'hub-tls' }, existingSecret: 'hub' }],
  ['one process on a volume that is there', { behindProxy: ['10.0.0.1'], persistence: { existingClaim: 'data' } }],
  [
    'several processes of one kind',
    { topology: 'all', behindProxy: ['10.244.0.0/16'], project: { existingClaim: 'p' } },
  ],
  [
    'ingress and orchestrator apart, with everything',
    {
      topology: 'roles',
      behindProxy: ['10.244.0.0/16', 'fd00::/8'],
      image: { repository: 'registry.example/shuniu', digest: `sha256:${'0'.repeat(64)}` },
      imagePullSecrets: [{ name: 'pull' }],
      autoscaling: { enabled: true },
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
      project: { files: { 'hub.yaml': 'name: a\n', 'flows/付款.yaml': 'flow: a\n' } },
      existingSecret: 'hub',
      extraEnv: [{ name: 'KINGDEE_URL', value: 'https://erp.example/k3cloud/' }],
      extraEnvFrom: [{ secretRef: { name: 'more' } }],
      extraVolumes: [{ name: 'ca', secret: { secretName: 'kafka-ca' } }],
      extraVolumeMounts: [{ name: 'ca', mountPath: '/etc/shuniu/kafka', readOnly: true }],
      networkPolicy: {
        from: [{ namespaceSelector: { matchLabels: { name: 'gateway' } } }],
        opsFrom: [{ podSelector: {} }],
      },
      podLabels: { team: 'finance' },
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ operator: 'Exists' }],
    },
  ],
]

describe.skipIf(missing !== '')(`the chart${skipped(missing)}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-chart-'))
  let schemas = ''
  beforeAll(async () => {
    await prepare('helm', 'kubeconform')
    schemas = await kubernetesSchemas()
  }, 900_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  function valuesOf(values: object): string {
    const file = join(folder, 'values.json')
    writeFileSync(file, JSON.stringify(values))
    return file
  }
  const template = (values: object): string =>
    run('helm', ['template', 'hub', chart, '--kube-version', kubernetes, '--values', valuesOf(values)])

  test('passes helm lint', () => {
    expect(run('helm', ['lint', chart, '--strict', '--values', valuesOf({ behindProxy: ['10.0.0.1'] })])).toContain(
      '0 chart(s) failed',
    )
  })

  test.each(installations)(
    'makes manifests that Kubernetes knows in every field: %s',
    { timeout: 60_000 },
    (_, values) => {
      const file = join(folder, 'manifests.yaml')
      writeFileSync(file, template(values))
      const where = ['-kubernetes-version', kubernetes, '-schema-location', schemas]
      const said = run('kubeconform', [
        '-strict',
        '-summary',
        '-output',
        'json',
        '-skip',
        'ServiceMonitor',
        ...where,
        file,
      ])
      const { summary } = JSON.parse(said) as { summary: Record<string, number> }
      expect(summary).toMatchObject({ invalid: 0, errors: 0 })
      expect(summary['valid']).toBeGreaterThanOrEqual(5)
    },
  )

  test('refuses to open a door to other pods without protection', () => {
    expect(() => template({})).toThrow(/set tls\.existingSecret, or behindProxy/)
  })

  test('refuses a project from two places', () => {
    const project = { files: { 'hub.yaml': 'name: a\n' }, existingClaim: 'p' }
    expect(() => template({ behindProxy: ['10.0.0.1'], project })).toThrow(/comes from one place/)
  })

  test.each([
    ['a word that is none of ours', { topologie: 'all' }],
    ['a topology nobody knows', { topology: 'cluster' }],
    ['a grace shorter than a stop', { terminationGracePeriodSeconds: 20 }],
    ['a file outside the project', { project: { files: { '../secrets': 'x' } } }],
    ['a proxy by name', { behindProxy: ['nginx'] }],
  ])('refuses values with %s', (_, values) => {
    expect(() => template({ behindProxy: ['10.0.0.1'], ...values })).toThrow(/values don't meet the specifications/)
  })

  test('starts each role where roles are apart, brings the tables forward first, and protects all of it alike', () => {
    const text = template({ topology: 'roles', behindProxy: ['10.0.0.1'] })
    const args = [...text.matchAll(/args: \[(.*)\]/g)].map(([, each]) => each?.replaceAll('"', ''))
    expect(args.toSorted()).toEqual(['migrate', 'migrate', 'start,--role,ingress', 'start,--role,orchestrator'])
    expect(text.match(/readOnlyRootFilesystem: true/g)).toHaveLength(4)
    expect(text.match(/kind: PodDisruptionBudget/g)).toHaveLength(2)
    expect(template({ behindProxy: ['10.0.0.1'] })).not.toContain('PodDisruptionBudget')
  })

  test('lets Prometheus see the port for operations alone', () => {
    const text = template({ serviceMonitor: { enabled: true }, behindProxy: ['10.0.0.1'] })
    const monitor = text.split('---').find((part) => part.includes('kind: ServiceMonitor')) ?? ''
    expect(monitor).toMatch(/component: ops\n +endpoints:\n +- port: ops\n +path: \/metrics\n/)
    const service = text.split('---').find((part) => part.includes('name: hub-shuniu-ops')) ?? ''
    expect(service).toContain('component: ops')
  })
})
