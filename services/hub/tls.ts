import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { HubError } from '@shuniu/contracts'
import type { Clock } from '@shuniu/infra/time'
import type { Log } from '@shuniu/sdk'

/** Paths of PEM files; a certificate may be followed by those that sign it. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

export interface KeyPair {
  readonly cert: Buffer
  readonly key: Buffer
}

/** How often the files are looked at, ms. Looking beats being told: secrets of Kubernetes change by a link elsewhere. */
export const lookEvery = 5_000

/** The files as they are now. Throws `option.bad-certificate` when they cannot be read or do not belong together. */
export function readKeyPair({ cert, key }: TlsFiles): KeyPair {
  try {
    const pair = { cert: readFileSync(cert), key: readFileSync(key) }
    createSecureContext(pair)
    return pair
  } catch (cause) {
    const because = cause instanceof Error ? cause.message : String(cause)
    throw new HubError('option.bad-certificate', { cert, key, because }, { cause })
  }
}

interface FollowGround {
  readonly clock: Pick<Clock, 'after'>
  readonly report: Pick<Log, 'info' | 'warn'>
}

/**
 * Tells each new pair until it is closed. A pair that cannot be used, such as one of which only half is written yet, is
 * reported once and the one before stays.
 */
export function followKeyPair(
  files: TlsFiles,
  first: KeyPair,
  { clock, report }: FollowGround,
  renewed: (pair: KeyPair) => void,
): { close(): void } {
  let [last, trouble] = [first, '']
  const look = (): void => {
    try {
      const pair = readKeyPair(files)
      trouble = ''
      if (isSame(pair, last)) return
      last = pair
      renewed(pair)
      report.info('hub.certificate-renewed', { cert: files.cert })
    } catch (error) {
      const message = String(error)
      if (message !== trouble) report.warn('hub.certificate-kept', { message })
      trouble = message
    }
  }
  let timer = clock.after(lookEvery, again)
  function again(): void {
    look()
    timer = clock.after(lookEvery, again)
  }
  return { close: () => timer.cancel() }
}

function isSame(a: KeyPair, b: KeyPair): boolean {
  return a.cert.equals(b.cert) && a.key.equals(b.key)
}
