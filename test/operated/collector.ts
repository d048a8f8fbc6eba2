import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../processes/pause.ts'
import { root } from '../processes/root.ts'
import { endWithUs, freePort } from './prometheus.ts'

const version = '0.160.0'
const cache = join(root, `node_modules/.cache/otel-collector-${version}`)
const program = join(cache, 'collector')

/** It is compiled here, for minutes: once, and only where everything is tested. */
const isWanted = process.env['CI'] === 'true' || existsSync(program)

/** Why no collector is started here; empty when one is. With CI=true nothing may be missing: then the tests fail. */
export const missing = isWanted ? '' : 'only with CI=true and Go'

/** Told once, so that a run without a collector does not look like a complete one. */
export const withoutCollector = missing === '' ? '' : ` (SKIPPED: ${missing}; nothing of this was tested)`

if (missing !== '') process.stderr.write(`TRACE TESTS ARE SKIPPED: ${missing}\n`)

const recipe = `
dist: { name: collector, output_path: ./out, otelcol_version: ${version} }
receivers: [{ gomod: go.opentelemetry.io/collector/receiver/otlpreceiver v${version} }]
exporters: [{ gomod: go.opentelemetry.io/collector/exporter/debugexporter v${version} }]
`

/** The smallest collector that receives OTLP and prints what it got, made by OpenTelemetry's own builder. */
async function build(): Promise<void> {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'build-'))
  writeFileSync(join(folder, 'builder.yaml'), recipe)
  const own = { GOBIN: folder, GOFLAGS: '-buildvcs=false -p=1', PATH: `${process.env['PATH']}:/usr/local/go/bin` }
  const options = { cwd: folder, env: { ...process.env, ...own } }
  await promisify(execFile)('go', ['install', `go.opentelemetry.io/collector/cmd/builder@v${version}`], options)
  execFileSync(join(folder, 'builder'), ['--config', 'builder.yaml'], { ...options, stdio: 'ignore' })
  renameSync(join(folder, 'out/collector'), program)
  rmSync(folder, { recursive: true, force: true })
}

/** A span as the collector prints it. */
export interface Told {
  readonly trace: string
  readonly id: string
  readonly parent: string
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly links: readonly string[]
  /** Of the process that told it. */
  readonly instance: string
  readonly service: string
}

/** A real OpenTelemetry collector. */
export interface Collector {
  readonly url: string
  /** Every span it has got so far. */
  spans(): readonly Told[]
  close(): Promise<void>
}

export async function startCollector(): Promise<Collector> {
  if (!existsSync(program)) await build()
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-collector-'))
  const [endpoint, said] = [`127.0.0.1:${await freePort()}`, join(folder, 'said')]
  writeFileSync(join(folder, 'config.yaml'), configuration(endpoint))
  const child = spawn('/bin/sh', ['-c', `exec ${program} --config ${folder}/config.yaml > ${said} 2>&1`])
  endWithUs(child)
  const heard = (): string => (existsSync(said) ? readFileSync(said, 'utf8') : '')
  const isReady = await until(() => (heard().includes('Everything is ready') ? true : undefined), { within: 30_000 })
  if (!isReady) throw new Error(`the collector did not get ready: ${heard()}`)
  return {
    url: `http://${endpoint}`,
    spans: () => readSpans(heard()),
    async close() {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function configuration(endpoint: string): string {
  return [
    `receivers: { otlp: { protocols: { http: { endpoint: '${endpoint}' } } } }`,
    'exporters: { debug: { verbosity: detailed } }',
    'service:',
    '  telemetry: { metrics: { level: none } }',
    '  pipelines: { traces: { receivers: [otlp], exporters: [debug] } }',
    '',
  ].join('\n')
}

function readSpans(text: string): Told[] {
  return text.split(/^.*ResourceSpans #\d+/m).flatMap((resource) => {
    const [head = '', ...spans] = resource.split(/^Span #\d+/m)
    const { 'service.instance.id': instance = '', 'service.name': service = '' } = attributesIn(head)
    return spans.map((span) => ({ ...readSpan(span), instance, service }))
  })
}

function readSpan(text: string) {
  const [own = '', links = ''] = text.split(/^Links:/m)
  const field = (name: string): string => new RegExp(`^ +${name} +: *(\\S*)`, 'm').exec(own)?.[1] ?? ''
  return {
    trace: field('Trace ID'),
    id: field('ID'),
    parent: field('Parent ID'),
    name: field('Name'),
    attributes: attributesIn(own),
    links: [...links.matchAll(/-> Trace ID: (\w+)/g)].map(([, id = '']) => id),
  }
}

function attributesIn(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^ +-> ([\w.]+): \w+\((.*)\)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
}
