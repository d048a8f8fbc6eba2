import { createInterface } from 'node:readline'
import type { Contract, Language, ValueRecord } from '@shuniu/contracts'
import { writeJson } from '@shuniu/infra/json'
import { openProject } from '../../project.ts'
import { flagText, type Cli, type CliCommand } from '../command.ts'
import { readSample } from '../event-file.ts'
import { answerLine, evaluate, plainTexts } from '../evaluate.ts'
import { exits, saidOf } from '../failure.ts'
import { linesOf } from '../lines.ts'
import type { Screen } from '../screen.ts'
import { ours } from '../settings.ts'

/**
 * `shuniu expr`: a prompt for trying expressions on a sample. With `--json` one `{"expr","bindings"}` a line from stdin,
 * one `{"value"}` or `{"error":{"code","message"}}` a line in answer.
 */
export const expr: CliCommand = {
  usage: 'expr',
  help: 'help.expr',
  needs: 'project',
  options: [{ flags: '--event <file>', help: 'help.event-file' }],
  async run(cli, given) {
    const file = flagText(given, 'event')
    const sample = file === undefined ? {} : await readSample(file, await contractsOf(cli))
    if (cli.screen.json) await answer(cli, sample)
    else await prompt(cli, sample)
    return exits.fine
  },
}

async function contractsOf({ options, host }: Cli): Promise<readonly Contract[]> {
  return (await openProject(options.project, ours(host.environment))).contracts
}

/** Answers every line, in order; whole chunks of input are answered together. */
async function answer({ host, language }: Cli, sample: ValueRecord): Promise<void> {
  for await (const lines of linesOf(host.in)) {
    host.out.write(lines.map((line) => `${answerLine(line, sample, language)}\n`).join(''))
  }
}

async function prompt({ host, screen, language }: Cli, sample: ValueRecord): Promise<void> {
  const talks = host.in.isTTY === true
  if (talks) screen.talk(screen.say('said.expr'))
  const input = createInterface({ input: host.in, terminal: false })
  if (talks) host.err.write('> ')
  for await (const line of input) {
    const said = line.trim()
    if (['', 'exit', 'quit'].includes(said)) break
    if (said === 'help') screen.talk(screen.say('said.expr-help', { names: Object.keys(sample).join(', ') || '—' }))
    else answerPrompt(screen, language, line, sample)
    if (talks) host.err.write('> ')
  }
}

function answerPrompt(screen: Screen, language: Language, line: string, sample: ValueRecord): void {
  try {
    screen.line(writeJson(plainTexts(evaluate(line, sample))))
  } catch (error) {
    const { code, message, help } = saidOf(error, language)
    screen.talk(`${screen.paint('red', code, 'err')}  ${message}\n  → ${help}`)
  }
}
