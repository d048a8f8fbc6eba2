import { inOrder } from '@shuniu/infra/config'
import { checkProject, openProject, withoutFollowUps } from '../../project.ts'
import type { CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { readTestFiles } from '../flow-test/files.ts'
import { saidProblems, showProblem } from '../problems.ts'
import { sarifOf } from '../sarif.ts'
import { ours } from '../settings.ts'

/** `shuniu lint`: everything that is wrong with a project, at once and with places. Exit code 1 when something is an error. */
export const lint: CliCommand = {
  usage: 'lint',
  help: 'help.lint',
  needs: 'project',
  options: [{ flags: '--sarif', help: 'help.sarif' }],
  async run({ host, screen, language, options: { project } }, { flags }) {
    const open = await openProject(project, ours(host.environment))
    const ofTests = withoutFollowUps(readTestFiles(open.project).problems, open)
    const found = saidProblems(inOrder([...checkProject(open), ...ofTests]), language)
    const errors = found.filter(({ severity }) => severity === 'error').length
    const warnings = found.length - errors
    if (flags['sarif'] === true) screen.data(sarifOf(found))
    else if (screen.json) screen.data({ project, errors, warnings, problems: found })
    else {
      for (const one of found) showProblem(screen, one)
      screen.talk(
        found.length === 0
          ? screen.say('said.lint-fine', { project })
          : screen.say('said.lint-found', { errors, warnings }),
      )
    }
    return errors > 0 ? exits.failed : exits.fine
  },
}
