import { existsSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { HubError } from '@shuniu/contracts'
import type { Options } from '@shuniu/infra/config'
import type { Host } from './host.ts'

/** Where a hub is asked, and which project it must be the hub of. */
export interface HubAddress {
  readonly url: string
  /** Folder of the project, absolute; undefined when whatever hub stands at the address is meant. */
  readonly project?: string
}

const example = 'http://127.0.0.1:7070'

/** The hub that --hub or SHUNIU_HUB names; otherwise the one of this project, at the port that `start` would give it. */
export function hubOf(
  flags: Readonly<Record<string, unknown>>,
  environment: Host['environment'],
  options: Options,
): HubAddress {
  const said = flags['hub'] ?? environment['SHUNIU_HUB']
  const scheme = options.tlsCert === undefined ? 'http' : 'https'
  if (!said) return { url: `${scheme}://${localOf(options.host)}:${options.port}`, ...projectOf(options.project) }
  const url = String(said)
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new HubError('usage.bad-value', { what: flags['hub'] ? '--hub' : 'SHUNIU_HUB', example })
  }
  return { url: url.replace(/\/+$/, '') }
}

/** A hub that listens everywhere is asked on this machine. */
function localOf(host: string): string {
  if (['0.0.0.0', '::', ''].includes(host)) return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

/** In a folder without a project, such as a checkout, any hub will do; a folder that was named must be its own. */
function projectOf(project: string): Pick<HubAddress, 'project'> {
  const folder = resolve(project)
  if (existsSync(join(folder, 'hub.yaml'))) return { project: realpathSync(folder) }
  return project === '.' ? {} : { project: folder }
}
