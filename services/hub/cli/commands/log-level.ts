import { itemsOf, textOf, type Item } from '../api.ts'
import type { Cli, CliCommand } from '../command.ts'
import { exits } from '../failure.ts'

/** `shuniu log level`: which lines of its log a running hub writes; with a logger and a level, changes that. */
export const logLevel: CliCommand = {
  usage: 'log level [logger] [level]',
  help: 'help.log-level-of',
  needs: 'hub',
  async run(cli, { args: [logger, level] }) {
    const asksOnly = logger === undefined || level === undefined
    const answer = asksOnly
      ? await cli.api.get('loggers')
      : await cli.api.put(`loggers/${encodeURIComponent(logger)}`, { level })
    if (cli.screen.json) cli.screen.data(answer)
    else show(cli, answer, asksOnly ? logger : undefined)
    return exits.fine
  },
}

function show({ screen }: Cli, answer: Item, only: string | undefined): void {
  const all = [{ name: 'root', level: answer['level'] }, ...itemsOf(answer['loggers'])]
  const shown = all.filter(({ name }) => only === undefined || name === only)
  screen.pairs(shown.map(({ name, level }) => [textOf(name), textOf(level)]))
}
