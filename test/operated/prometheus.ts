import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../processes/pause.ts'

/** Why no Prometheus is started here; empty when one is. With CI=true nothing may be missing: then the tests fail. */
export const missing =
  process.env['CI'] === 'true'
    ? ''
    : ['prometheus', 'promtool'].flatMap((name) => (answers(name) ? [] : [`${name} not found`])).join(', ')

/** Told once, so that a run without Prometheus does not look like a complete one. */
export const withoutPrometheus = missing === '' ? '' : ` (SKIPPED: ${missing}; nothing of this was tested)`

if (missing !== '') process.stderr.write(`PROMETHEUS TESTS ARE SKIPPED: ${missing}\n`)

function answers(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Runs promtool; gives what it says, and whether it was content. */
export function promtool(args: readonly string[], input = ''): { readonly fine: boolean; readonly said: string } {
  try {
    return { fine: true, said: execFileSync('promtool', args, { input, encoding: 'utf8', stdio: 'pipe' }) }
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    return { fine: false, said: `${stdout}${stderr}` }
  }
}

/** One series that answers a query. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A real Prometheus that scrapes one hub every second. */
export interface Prometheus {
  /** Scrapes this address from now on. */
  aim(url: string): void
  query(expression: string): Promise<readonly Sample[]>
  close(): Promise<void>
}

const tempo = '1s'

/** Starts it on a folder and a port of its own; `rules` is the text of a rule file. */
export async function startPrometheus(rules?: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-prometheus-'))
  const targets = join(folder, 'targets.json')
  writeFileSync(targets, '[]')
  if (rules !== undefined) writeFileSync(join(folder, 'rules.yml'), rules)
  writeFileSync(join(folder, 'prometheus.yml'), configuration(targets, rules !== undefined))
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn('prometheus', [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=${address}`,
    '--log.level=warn',
  ])
  endWithUs(child)
  const ready = await until(() => isReady(child, address), { within: 30_000, every: 100 })
  if (!ready) throw new Error('Prometheus did not get ready')
  return {
    aim: (url) => writeFileSync(targets, JSON.stringify([{ targets: [new URL(url).host] }])),
    query: (expression) => ask(address, expression),
    async close() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Nothing we started goes on when we end, however we end. */
export function endWithUs(child: ChildProcess): void {
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
}

function configuration(targets: string, hasRules: boolean): string {
  return [
    `global: { scrape_interval: ${tempo}, evaluation_interval: ${tempo} }`,
    ...(hasRules ? ['rule_files: [rules.yml]'] : []),
    'scrape_configs:',
    `  - { job_name: shuniu, scrape_timeout: ${tempo}, file_sd_configs: [{ files: [${targets}], refresh_interval: 1s }] }`,
    '',
  ].join('\n')
}

async function isReady(child: ChildProcess, address: string): Promise<true | undefined> {
  if (child.exitCode !== null) throw new Error(`Prometheus ended with ${child.exitCode}`)
  const answer = await fetch(`http://${address}/-/ready`).catch(() => undefined)
  return answer?.ok ? true : undefined
}

async function ask(address: string, query: string): Promise<Sample[]> {
  const answer = await fetch(`http://${address}/api/v1/query?${new URLSearchParams({ query })}`)
  const { status, error, data } = (await answer.json()) as Answer
  if (status !== 'success') throw new Error(`${query}: ${error}`)
  return data.result.map(({ metric, value: [, text] }) => ({ labels: metric, value: Number(text) }))
}

interface Answer {
  readonly status: string
  readonly error?: string
  readonly data: { readonly result: { readonly metric: Record<string, string>; readonly value: [number, string] }[] }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** A file of the repository. */
export const readRepository = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')
