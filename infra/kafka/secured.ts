import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { KafkaSettings } from './port.ts'

const keepAlive = 60_000

interface Wanted {
  readonly host: string
  readonly port: number
  readonly onConnect: () => void
}

/**
 * Opens connections, encrypted where the settings say so. What secures them is asked for anew each time: a certificate
 * that was renewed is used by the next connection.
 */
export function socketsFor(security: KafkaSettings['security']): (wanted: Wanted) => Socket {
  return ({ host, port, onConnect }) => {
    const { tls } = security?.() ?? {}
    const name = isIP(host) === 0 ? { servername: host } : {}
    const socket = tls ? connectTls({ host, port, ...name, ...tls }, onConnect) : connect({ host, port }, onConnect)
    socket.setKeepAlive(true, keepAlive)
    return socket
  }
}
