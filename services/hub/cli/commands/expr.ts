import { createInterface } from 'node:readline'
import { isRecord, type Value, type ValueRecord } from '@shuniu/contracts'
import { writeJson } from '@shuniu/infra/json'
import { flagText, type Cli, type CliCommand } from '../command.ts'
import { readValueFile } from '../event-file.ts'
import { answerLine, evaluate, plainTexts } from '../evaluate.ts'
import { exits, saidOf } from '../failure.ts'
import { linesOf } from '../lines.ts'

/**
 * `shuniu expr`: a prompt for trying expressions on a sample. With `--json` one `{"expr","bindings"}` a line from stdin,
 * one `{"value"}` or `{"error":{"code","message"}}` a line in answer.
 */
export const expr: CliCommand = {
  usage: 'expr',
  help: 'help.expr',
  options: [{ flags: '--event <file>', help: 'help.event-file' }],
  async run(cli, given) {
    const file = flagText(given, 'event')
    const sample: ValueRecord = file === undefined ? {} : { event: dataOf(await readValueFile(file)) }
    if (cli.screen.json) await answer(cli, sample)
    else await prompt(cli, sample)
    return exits.fine
  },
}

/** The event itself, also where it stands in its envelope or in a sample. */
function dataOf(value: Value): Value {
  if (!isRecord(value)) return value
  const { events, data } = value
  const [first] = Array.isArray(events) ? (events as readonly Value[]) : []
  if (first !== undefined) return dataOf(first)
  return data !== undefined && typeof value['type'] === 'string' ? data : value
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
    if (line.trim() === '') break
    try {
      screen.line(writeJson(plainTexts(evaluate(line, sample))))
    } catch (error) {
      const { code, message, help } = saidOf(error, language)
      screen.talk(`${screen.paint('red', code, 'err')}  ${message}\n  → ${help}`)
    }
    if (talks) host.err.write('> ')
  }
}
