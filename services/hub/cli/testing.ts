import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Host } from './host.ts'
import { main } from './main.ts'

/** What a command said, and how it ended. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Around {
  readonly environment?: Host['environment']
  readonly input?: string
  readonly isTTY?: boolean
}

/** A host of which a test can read everything, and whose user can press Ctrl-C. */
export interface TestHost extends Host {
  readonly said: { out: string; err: string }
  readonly exits: number[]
  pressStop(): void
}

/** Nobody listens on port 9: without another address no hub answers. */
const nowhere = { SHUNIU_HUB: 'http://127.0.0.1:9' }

export function testHost({ environment = {}, input = '', isTTY = false }: Around = {}): TestHost {
  const said = { out: '', err: '' }
  const listeners = new Set<() => void>()
  const exits: number[] = []
  return {
    said,
    exits,
    out: { write: (text) => void (said.out += text), isTTY },
    err: { write: (text) => void (said.err += text), isTTY },
    in: Readable.from(input === '' ? [] : [Buffer.from(input)]),
    environment: { ...nowhere, ...environment },
    onStop(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    exit: (code) => void exits.push(code),
    pressStop: () => listeners.forEach((listener) => listener()),
  }
}

/** Runs a command line to its end. */
export async function shuniu(argv: readonly string[], around: Around = {}): Promise<Ran> {
  const host = testHost(around)
  const code = await main(argv, host)
  return { code, ...host.said }
}

export const example = fileURLToPath(new URL('../../../examples/payment-to-voucher', import.meta.url))

/** Addresses nobody has to answer at: enough for whatever makes no call. */
export const addresses = { DINGTALK_URL: 'http://127.0.0.1:1', KINGDEE_URL: 'http://127.0.0.1:2' }

export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'shuniu-cli-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** A copy of the example project that a test may change. */
export function copyOfExample(): { path: string; remove(): void } {
  const folder = temporaryFolder()
  cpSync(example, folder.path, { recursive: true })
  return folder
}
