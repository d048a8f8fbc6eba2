import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { HubError } from '@shuniu/contracts'
import { findSimulators } from '../../connectors.ts'
import { checkProject, openProject, refuse } from '../../project.ts'
import type { Cli, CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { readTestFiles, type FlowTests } from '../flow-test/files.ts'
import { junitOf } from '../flow-test/junit.ts'
import { runCase, type CaseResult } from '../flow-test/result.ts'
import type { Screen } from '../screen.ts'
import { ours } from '../settings.ts'

/** `shuniu test`: the tests of flows, against simulators started for them. Exit code 1 when one fails. */
export const test: CliCommand = {
  usage: 'test [files...]',
  help: 'help.test',
  needs: 'project',
  options: [{ flags: '--junit', help: 'help.junit' }],
  async run(cli, { args, flags }) {
    const { screen, host } = cli
    const files = await wantedFiles(cli, args)
    const folder = mkdtempSync(join(tmpdir(), 'shuniu-test-'))
    const remove = (): void => rmSync(folder, { recursive: true, force: true })
    const off = host.onStop(() => (remove(), host.exit(exits.interrupted)))
    try {
      const quiet = screen.json || flags['junit'] === true
      const results = await runAll(cli, files, folder, quiet)
      const failed = results.filter(({ ok }) => !ok).length
      if (flags['junit'] === true) screen.line(junitOf(results))
      else if (screen.json) screen.data({ passed: results.length - failed, failed, cases: results.map(jsonOf) })
      screen.talk(screen.say('said.test-end', { passed: results.length - failed, failed }))
      return failed > 0 ? exits.failed : exits.fine
    } finally {
      off()
      remove()
    }
  },
}

/** The files that were named, or all of them. The project has to be right before anything of it is tried. */
async function wantedFiles({ host, options: { project } }: Cli, named: readonly string[]): Promise<FlowTests[]> {
  const environment = ours(host.environment)
  const { files, problems } = readTestFiles((await openProject(project, environment)).project)
  refuse(problems, project)
  refuse(checkProject(await openProject(project, { ...environment, ...variablesOf(files) })), project)
  const wanted = files.filter(({ file }) => named.length === 0 || named.some((one) => isNamed(project, file, one)))
  if (wanted.length === 0) throw new HubError('test.none', { what: named.join(', ') || 'tests/*.test.yaml' })
  return wanted
}

/** What the tests bring along, with an address for each simulator that nobody calls: enough to check the project. */
function variablesOf(files: readonly FlowTests[]): Record<string, string> {
  const pairs = files.flatMap(({ tests }) => [
    ...Object.entries(tests.environment),
    ...Object.keys(tests.simulators).map((variable) => [variable, 'http://127.0.0.1:9'] as const),
  ])
  return Object.fromEntries(pairs)
}

/** `payment-to-voucher`, `tests/payment-to-voucher.test.yaml`, or a path from here. */
function isNamed(project: string, file: string, name: string): boolean {
  return file === name || file === `tests/${name}.test.yaml` || resolve(project, file) === resolve(name)
}

async function runAll(cli: Cli, files: readonly FlowTests[], folder: string, quiet: boolean): Promise<CaseResult[]> {
  const { screen, host, options, language } = cli
  const simulators = await findSimulators()
  const results: CaseResult[] = []
  for (const of of files) {
    if (!quiet) screen.line(screen.paint('bold', of.file))
    for (const one of of.tests.cases) {
      screen.progress(screen.say('said.testing', { file: of.file, name: one.name }))
      const own = join(folder, String(results.length))
      const ground = { project: options.project, environment: ours(host.environment), simulators, folder: own }
      const result = await runCase(of, one, ground, language)
      results.push(result)
      if (!quiet) show(screen, result)
    }
  }
  return results
}

function show(screen: Screen, { name, ok, seconds, lines }: CaseResult): void {
  const mark = ok ? screen.paint('green', '✓') : screen.paint('red', '✗')
  screen.line(`  ${mark} ${name}  ${screen.paint('dim', `${seconds.toFixed(1)} s`)}`)
  for (const line of lines) screen.line(`      ${line}`)
}

function jsonOf(result: CaseResult): object {
  const { lines: _, ...rest } = result
  return rest
}
