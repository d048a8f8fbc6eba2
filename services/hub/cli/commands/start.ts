import { HubError } from '@shuniu/contracts'
import { realClock, sleep } from '@shuniu/infra/time'
import type { HubOptions, RunningHub } from '../../hub.ts'
import { checkProject, openProject, refuse } from '../../project.ts'
import { startReopening } from '../../reopening.ts'
import type { Cli, CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { boundHeap } from '../heap.ts'
import type { Host } from '../host.ts'
import { showItems } from '../listing.ts'
import { withConnections } from '../offline.ts'
import type { Screen } from '../screen.ts'
import { ours } from '../settings.ts'

/** What stopping may take, s (design §12). */
const stopWithin = 25

/** `shuniu start`: the hub in this process, until Ctrl-C or SIGTERM. Prints `ready http://…` on stdout when it listens. */
export const start: CliCommand = {
  usage: 'start',
  help: 'help.start',
  needs: 'project',
  options: [
    { flags: '--data <dir>', help: 'help.data' },
    { flags: '--host <address>', help: 'help.host' },
    { flags: '--port <n>', help: 'help.port' },
    { flags: '--hooks-port <n>', help: 'help.hooks-port' },
    { flags: '--ops-port <n>', help: 'help.ops-port' },
    { flags: '--tls-cert <file>', help: 'help.tls-cert' },
    { flags: '--tls-key <file>', help: 'help.tls-key' },
    { flags: '--behind-proxy <addresses>', help: 'help.behind-proxy' },
    { flags: '--token <token>', help: 'help.token' },
    { flags: '--role <role>', help: 'help.role' },
    { flags: '--resync', help: 'help.resync' },
    { flags: '--dry', help: 'help.dry' },
    { flags: '--log-level <level>', help: 'help.log-level' },
  ],
  async run(cli, given) {
    return given.flags['dry'] === true ? countFirstSweeps(cli) : serve(cli)
  },
}

async function serve({ host, screen, options }: Cli): Promise<number> {
  boundHeap()
  const { project, data, port, hooksPort, opsPort, tlsCert, tlsKey, behindProxy, token, resync } = options
  const ending = endingOf(host, screen)
  const hub = await listening({
    project,
    data,
    host: options.host,
    port,
    environment: ours(host.environment),
    logLevel: options.logLevel,
    role: options.role,
    resync,
    lost: ending.lost,
    ...(hooksPort === undefined ? {} : { hooksPort }),
    ...(opsPort === undefined ? {} : { opsPort }),
    ...(tlsCert === undefined || tlsKey === undefined ? {} : { tls: { cert: tlsCert, key: tlsKey } }),
    ...(behindProxy === undefined ? {} : { behindProxy }),
    ...(token === undefined ? {} : { token }),
  })
  screen.line(`ready ${hub.url}`)
  if (host.err.isTTY) screen.talk(screen.say('said.ready'))
  const code = await ending.code
  await closeInTime(hub, screen)
  // A socket that somebody keeps open must not keep the process.
  host.exit(code)
  return code
}

const unlistenable = ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND']

async function listening(options: HubOptions): Promise<RunningHub> {
  try {
    return await startReopening(options)
  } catch (cause) {
    const because = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    if (!unlistenable.includes(because)) throw cause
    throw new HubError('cli.cannot-listen', { address: `${options.host}:${options.port}`, because }, { cause })
  }
}

/** How the hub's life ends: the first signal asks it to stop, a second one ends it at once; or another hub takes over. */
function endingOf(host: Host, screen: Screen): { code: Promise<number>; lost: () => void } {
  const { promise, resolve } = Promise.withResolvers<number>()
  let asked = false
  host.onStop(() => {
    if (asked) return host.exit(exits.interrupted)
    asked = true
    screen.talk(screen.say('said.stopping'))
    resolve(exits.fine)
  })
  const lost = (): void => {
    screen.talk(screen.say('said.lost'))
    resolve(exits.failed)
  }
  return { code: promise, lost }
}

/** What does not end in time is on disk and goes on at the next start, as after a kill -9. */
async function closeInTime(hub: RunningHub, screen: Screen): Promise<void> {
  const late = sleep(realClock, stopWithin * 1_000).then(() => 'late' as const)
  const outcome = await Promise.race([hub.close(), late])
  if (outcome === 'late') screen.talk(screen.say('said.stop-slow', { seconds: stopWithin }))
}

/** `--dry`: nothing is started; the documents of the first sweep are counted in their systems. */
async function countFirstSweeps(cli: Cli): Promise<number> {
  const { screen, options } = cli
  const open = await openProject(options.project, ours(cli.host.environment))
  refuse(checkProject(open), options.project)
  const counted: { connection: string; form: string; documents: number }[] = []
  for (const name of open.connections.keys()) {
    screen.progress(screen.say('said.counting', { connection: name, documents: total(counted) }))
    const found = await withConnections(cli, open, [name], async (_, ingress) => (await ingress()).countFirstSweeps())
    counted.push(...found)
  }
  if (screen.json) screen.data({ documents: total(counted), forms: counted })
  else {
    if (counted.length > 0) {
      showItems(cli, counted, [
        { title: 'word.connection', of: 'connection' },
        { title: 'word.form', of: 'form' },
        { title: 'word.documents', of: 'documents', side: 'right' },
      ])
    }
    screen.line(screen.say('said.first-sweep', { documents: total(counted) }))
  }
  return exits.fine
}

const total = (counted: readonly { documents: number }[]): number =>
  counted.reduce((sum, { documents }) => sum + documents, 0)
