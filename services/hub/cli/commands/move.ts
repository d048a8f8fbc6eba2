import { HubError } from '@shuniu/contracts'
import { moveInstallation } from '@shuniu/infra/move'
import { openLog } from '@shuniu/infra/telemetry'
import { realClock } from '@shuniu/infra/time'
import { neededTopics } from '../../needed-topics.ts'
import { checkProject, openProject, refuse } from '../../project.ts'
import { flagText, type CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { ours } from '../settings.ts'

/** `shuniu move --from <folder>`: brings an embedded installation to the store and log that hub.yaml names now. */
export const moveCommand: CliCommand = {
  usage: 'move',
  help: 'help.move',
  needs: 'project',
  options: [{ flags: '--from <dir>', help: 'help.move-from', required: true }],
  async run({ host, screen, options: { project } }, given) {
    const open = await openProject(project, ours(host.environment))
    refuse(checkProject(open), project)
    const { store: postgres, log: kafka } = open.project.hub
    if (postgres === 'embedded' || kafka === 'embedded') throw new HubError('store.same-ground', { dir: project })
    const log = openLog({ level: 'warn', secrets: open.project.secrets, stream: host.err })
    const rows = await moveInstallation({
      folder: flagText(given, 'from') ?? '',
      postgres,
      kafka,
      topics: neededTopics(open),
      clock: realClock,
      report: (message) => log.warn('hub.ground', { message }),
      progress: (step, done, of) => screen.progress(screen.say('said.moving', { step, done, of })),
    })
    if (screen.json) screen.data({ rows })
    else {
      for (const [table, count] of Object.entries(rows)) if (count > 0) screen.line(`${table}: ${count}`)
      screen.talk(screen.say('said.moved'))
    }
    return exits.fine
  },
}
