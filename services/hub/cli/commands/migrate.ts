import { loadProject } from '@shuniu/infra/config'
import { migratePostgres } from '@shuniu/infra/postgres'
import { refuse } from '../../project.ts'
import type { CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { ours } from '../settings.ts'

/** `shuniu migrate`: brings the tables of the database forward to this release. What is embedded is brought forward by a start. */
export const migrate: CliCommand = {
  usage: 'migrate',
  help: 'help.migrate',
  needs: 'project',
  async run({ host, screen, options: { project: dir } }) {
    const { project, problems } = await loadProject(dir, { environment: ours(host.environment) })
    // Nothing but the hub's own file counts here.
    refuse(
      problems.filter(({ error }) => error.place?.file === 'hub.yaml'),
      dir,
    )
    const { store } = project.hub
    if (store === 'embedded') {
      screen.talk(screen.say('said.migrate-embedded'))
      return exits.fine
    }
    const tables = await migratePostgres(store)
    if (screen.json) screen.data(tables)
    else screen.talk(screen.say('said.migrated', { version: tables.version, schema: store.schema }))
    return exits.fine
  },
}
