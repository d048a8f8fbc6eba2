import { BlockList, isIP } from 'node:net'
import { HubError } from '@shuniu/contracts'
import type { ConsolePorts } from '@shuniu/console'
import type { Clock } from '@shuniu/infra/time'
import type { Hooks } from '@shuniu/ingress'
import type { Log } from '@shuniu/sdk'
import { listen, listenForHooks, type Listening } from './http.ts'
import { followKeyPair, readKeyPair, type TlsFiles } from './tls.ts'

/** Where a hub listens, and what protects the way there. */
export interface DoorOptions {
  readonly host?: string
  readonly port: number
  /** A second port, which serves `/hooks` alone. */
  readonly hooksPort?: number
  readonly tls?: TlsFiles
  /** Addresses and networks of the proxy in front of it: only they are answered, and only their forwarding headers believed. */
  readonly behindProxy?: readonly string[]
}

interface DoorGround {
  readonly clock: Pick<Clock, 'after'>
  readonly report: Pick<Log, 'info' | 'warn'>
}

/** Throws `option.unprotected` for doors to other machines through which tokens and documents would travel in the clear. */
export function checkDoors({ host = '127.0.0.1', tls, behindProxy }: DoorOptions): void {
  if (!isThisMachine(host) && !tls && !behindProxy) throw new HubError('option.unprotected', { host })
}

/** Opens them, hooks' own last; what fails leaves none open. The address is that of the first. */
export async function openDoors(
  options: DoorOptions,
  hooks: Hooks,
  ports: ConsolePorts,
  { clock, report }: DoorGround,
): Promise<Listening> {
  checkDoors(options)
  const { host = '127.0.0.1', port, hooksPort, tls, behindProxy } = options
  const pair = tls && readKeyPair(tls)
  const proxy = behindProxy ? { isProxy: proxyAt(behindProxy) } : {}
  const at = { host, ...(pair ? { pair } : {}), ...proxy }
  const main = await listen(hooks, { ...ports, ...proxy }, { ...at, port })
  const open = [main]
  const close = async (): Promise<void> => void (await Promise.all(open.map((door) => door.close())))
  if (hooksPort !== undefined) {
    try {
      open.push(await listenForHooks(hooks, { ...at, port: hooksPort }))
    } catch (error) {
      await close()
      throw error
    }
    report.info('hub.hooks', { port: Number(new URL(open[1]?.url ?? '').port) })
  }
  const renew = (renewed: NonNullable<typeof pair>): void => open.forEach((door) => door.renew(renewed))
  const follower = tls && pair && followKeyPair(tls, pair, { clock, report }, renew)
  return { ...main, renew, close: () => (follower?.close(), close()) }
}

/** Whether a peer is the proxy: one of its addresses, or in one of its networks (`10.0.0.0/8`). */
export function proxyAt(places: readonly string[]): (peer: string | undefined) => boolean {
  const list = new BlockList()
  for (const place of places) {
    const [address = '', prefix] = place.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return (peer = '') => {
    const address = peer.replace(/^::ffff:(?=\d+\.)/i, '')
    return isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
