import { execFile, execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../processes/root.ts'

const cache = join(root, 'node_modules/.cache/deploy')
const isWanted = process.env['CI'] === 'true'

/** What deployments are checked with, built by Go once; helm takes two minutes on two cores, the others seconds. */
const modules = {
  helm: 'helm.sh/helm/v3/cmd/helm@v3.22.0',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0',
  compose: 'github.com/compose-spec/compose-go/v2/cmd@v2.16.2',
} as const
export type Tool = keyof typeof modules

/** Of which Kubernetes the manifests are checked; the package of its schemas. */
export const kubernetes = '1.34.0'
const schemaPackage = 'kubernetes-validate==1.37.0'

/** Why these tools are not used here; empty when they are. Told once, so that such a run does not look like a complete one. */
export function missingTools(...tools: readonly Tool[]): string {
  const unbuilt = tools.filter((tool) => !existsSync(fileOf(tool)))
  const missing = [
    ...(unbuilt.length > 0 && !answers('go', 'version') ? ['go not found'] : []),
    ...(unbuilt.length > 0 && !isWanted ? [`${unbuilt.join(', ')} not built yet, which only CI=true does`] : []),
  ].join(', ')
  // Where everything is tested a missing tool is no reason to skip: the test fails at it.
  if (isWanted || missing === '') return ''
  process.stderr.write(`DEPLOYMENT TESTS ARE SKIPPED: ${missing}\n`)
  return missing
}

export const skipped = (missing: string): string =>
  missing === '' ? '' : ` (SKIPPED: ${missing}; nothing of this was tested)`

/** Builds what is not there. */
export async function prepare(...tools: readonly Tool[]): Promise<void> {
  for (const tool of tools) if (!existsSync(fileOf(tool))) await build(tool)
}

/** Never synchronously: a test runner whose worker says nothing for minutes takes it for dead. */
const execute = promisify(execFile)

/** What a tool says on stdout. Throws what it says on stderr when it finds something wrong. */
export function run(
  tool: Tool,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): string {
  return execFileSync(fileOf(tool), args, { encoding: 'utf8', cwd: root, stdio: 'pipe', ...options })
}

const fileOf = (tool: Tool): string => join(cache, 'bin', tool)

async function build(tool: Tool): Promise<void> {
  mkdirSync(join(cache, 'bin'), { recursive: true })
  const folder = mkdtempSync(join(cache, 'build-'))
  const env = { ...process.env, GOBIN: folder, GOFLAGS: '-buildvcs=false' }
  await execute('go', ['install', modules[tool]], { env, cwd: tmpdir(), maxBuffer: 1e7 })
  const [made = ''] = globSync('*', { cwd: folder })
  renameSync(join(folder, made), fileOf(tool))
  rmSync(folder, { recursive: true })
}

/** Where kubeconform finds schemas: each file holds all it refers to, for the package's own references lead nowhere. */
export async function kubernetesSchemas(): Promise<string> {
  const folder = join(cache, `kubernetes-${kubernetes}`)
  if (!existsSync(folder)) await fetchSchemas(folder)
  return `${folder}/{{ .ResourceKind }}{{ .KindSuffix }}.json`
}

async function fetchSchemas(folder: string): Promise<void> {
  mkdirSync(cache, { recursive: true })
  const fetched = mkdtempSync(join(cache, 'fetch-'))
  await execute('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', fetched, schemaPackage])
  const [wheel = ''] = globSync(join(fetched, '*.whl'))
  await execute('python3', ['-m', 'zipfile', '-e', wheel, fetched])
  const source = join(fetched, `kubernetes_validate/kubernetes-json-schema/v${kubernetes}-local-strict`)
  const whole = join(fetched, 'whole')
  mkdirSync(whole)
  const { $defs } = JSON.parse(inside(join(source, '_definitions.json')))
  for (const kind of kinds) {
    const schema = JSON.parse(inside(join(source, `${kind}.json`)))
    writeFileSync(join(whole, `${kind}.json`), JSON.stringify({ ...schema, definitions: $defs }))
  }
  renameSync(whole, folder)
  rmSync(fetched, { recursive: true })
}

/** What the chart makes; a kind that is missing here is an error of kubeconform. */
const kinds = [
  'configmap-v1',
  'deployment-apps-v1',
  'horizontalpodautoscaler-autoscaling-v2',
  'networkpolicy-networking-v1',
  'poddisruptionbudget-policy-v1',
  'service-v1',
  'serviceaccount-v1',
  'statefulset-apps-v1',
]

function inside(file: string): string {
  const text = readFileSync(file, 'utf8').replaceAll('/api/_definitions.json#/$defs/', '#/definitions/')
  return basename(file) === '_definitions.json' ? text.replaceAll('#/$defs/', '#/definitions/') : text
}

function answers(program: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
